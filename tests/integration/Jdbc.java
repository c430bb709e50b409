// SPDX-License-Identifier: Apache-2.0
// Runs statements of stdin, one a line, through a JDBC driver on the class path:
//
//   java -cp DRIVER.jar Jdbc.java URL [NAME=VALUE...]
//
// For each it prints "columns A<TAB>B", "row 1<TAB>x", "count N" for updates,
// or "error CODE MESSAGE", then "done". A line "?SQL<TAB>P1<TAB>P2" is prepared
// and run with these parameters; "!info" asks for what tools ask first.

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

public class Jdbc
{
    private static final PrintStream OUT =
            new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private Jdbc() {}

    public static void main(String[] args)
            throws Exception
    {
        Properties properties = new Properties();
        for (int i = 1; i < args.length; i++) {
            String[] pair = args[i].split("=", 2);
            properties.setProperty(pair[0], pair[1]);
        }
        BufferedReader in = new BufferedReader(
                new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (Connection connection = DriverManager.getConnection(args[0], properties)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                try {
                    run(connection, line);
                }
                catch (SQLException e) {
                    OUT.println("error " + e.getErrorCode() + " " + flat(e.getMessage()));
                }
                OUT.println("done");
            }
        }
        catch (SQLException e) {
            OUT.println("error " + e.getErrorCode() + " " + flat(e.getMessage()));
        }
        // A driver's idle threads may keep the machine running for minutes.
        System.exit(0);
    }

    private static void run(Connection connection, String line)
            throws SQLException
    {
        if (line.equals("!info")) {
            DatabaseMetaData data = connection.getMetaData();
            OUT.println("row " + data.getDatabaseProductName() + "\t" + data.getDatabaseProductVersion());
            print(data.getCatalogs());
            return;
        }
        if (line.startsWith("?")) {
            String[] parts = line.substring(1).split("\t");
            try (PreparedStatement statement = connection.prepareStatement(parts[0])) {
                for (int i = 1; i < parts.length; i++) {
                    statement.setString(i, parts[i]);
                }
                print(statement.executeQuery());
            }
            return;
        }
        try (Statement statement = connection.createStatement()) {
            if (statement.execute(line)) {
                print(statement.getResultSet());
            }
            else {
                OUT.println("count " + statement.getUpdateCount());
            }
        }
    }

    private static void print(ResultSet rows)
            throws SQLException
    {
        int columns = rows.getMetaData().getColumnCount();
        StringBuilder text = new StringBuilder();
        for (int i = 1; i <= columns; i++) {
            text.append(i > 1 ? "\t" : "").append(rows.getMetaData().getColumnLabel(i));
        }
        OUT.println("columns " + text);
        while (rows.next()) {
            text.setLength(0);
            for (int i = 1; i <= columns; i++) {
                text.append(i > 1 ? "\t" : "").append(flat(rows.getString(i)));
            }
            OUT.println("row " + text);
        }
    }

    private static String flat(String text)
    {
        return String.valueOf(text).replace('\n', ' ').replace('\t', ' ');
    }
}
