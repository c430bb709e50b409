// SPDX-License-Identifier: Apache-2.0
// Runs statements of stdin, one a line, through a JDBC driver on the class path:
//
//   java -cp DRIVER.jar Jdbc.java URL [NAME=VALUE...]
//
// For each it prints "columns A<TAB>B", "row 1<TAB>x", "count N" for updates,
// or "error CODE MESSAGE", then "done". A line "?SQL<TAB>P1<TAB>P2" is prepared
// and run with these parameters; "!info" asks for what tools ask first;
// "!connect URL<TAB>NAME=VALUE..." goes on with another connection. A line feed
// within a statement comes as U+0001.

import java.io.BufferedReader;
import java.io.IOException;
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
        BufferedReader in = new BufferedReader(
                new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String[] where = args;
        while (where != null) {
            where = runConnection(where, in);
        }
        // A driver's idle threads may keep the machine running for minutes.
        System.exit(0);
    }

    /** Returns where to go on, or null at the end. */
    private static String[] runConnection(String[] where, BufferedReader in)
            throws IOException
    {
        Properties properties = new Properties();
        for (int i = 1; i < where.length; i++) {
            String[] pair = where[i].split("=", 2);
            properties.setProperty(pair[0], pair[1]);
        }
        try (Connection connection = DriverManager.getConnection(where[0], properties)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith("!connect ")) {
                    return line.substring("!connect ".length()).split("\t");
                }
                try {
                    run(connection, line.replace('\u0001', '\n'));
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
        return null;
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
