// SPDX-License-Identifier: Apache-2.0
// Does with a JDBC driver what tools do, and prints what they would get to see:
//
//   java -cp DRIVER.jar JdbcTools.java URL SCHEMA [NAME=VALUE...]
//
// SCHEMA ("memory.x") has a table t (a bigint, b varchar) and a table t2.
// Each step begins with a line "# NAME"; an error is a line of it.

import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Date;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;

public class JdbcTools
{
    private static final PrintStream OUT =
            new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private interface Step
    {
        void run()
                throws Exception;
    }

    private final Connection connection;
    private final String catalog;
    private final String schema;

    private JdbcTools(Connection connection, String place)
    {
        this.connection = connection;
        catalog = place.split("\\.")[0];
        schema = place.split("\\.")[1];
    }

    public static void main(String[] args)
            throws Exception
    {
        Properties properties = new Properties();
        for (int i = 2; i < args.length; i++) {
            String[] pair = args[i].split("=", 2);
            properties.setProperty(pair[0], pair[1]);
        }
        try (Connection connection = DriverManager.getConnection(args[0], properties)) {
            new JdbcTools(connection, args[1]).runAll();
        }
        // A driver's idle threads may keep the machine running for minutes.
        System.exit(0);
    }

    private void runAll()
    {
        step("catalogs", () -> print(data().getCatalogs()));
        step("schemas", () -> print(data().getSchemas(catalog, schema + "%")));
        step("tables", () -> print(data().getTables(catalog, schema, "%", null)));
        step("tables by pattern and type", () ->
                print(data().getTables(catalog, schema.substring(0, 4) + "%", "t_", new String[] {"TABLE", "VIEW"})));
        step("columns", () -> print(data().getColumns(catalog, schema, "t", "%")));
        step("columns by pattern", () -> print(data().getColumns("tpch", "tin_", "n%n", "%key")));
        step("types of tables", () -> print(data().getTableTypes()));
        step("primary keys", () -> print(data().getPrimaryKeys(catalog, schema, "t")));
        step("procedures", () -> print(data().getProcedures(null, null, "kill%")));
        step("identity", () -> OUT.println(data().getDatabaseProductName() + " "
                + data().getUserName() + " " + connection.isReadOnly() + " " + connection.isValid(5)));
        step("parameters", this::parameters);
        step("parameters that change", this::change);
        step("a batch", this::batch);
        step("result set", this::shape);
        step("another catalog and schema", this::move);
        step("rows up to a limit", this::limit);
        step("a transaction", this::transaction);
        step("an isolation", this::isolation);
        step("cancel", this::cancel);
        step("after all that", () -> query("SELECT 1"));
    }

    private void step(String name, Step step)
    {
        OUT.println("# " + name);
        try {
            step.run();
        }
        catch (Exception e) {
            OUT.println("error " + e.getMessage().replace('\n', ' '));
        }
    }

    private DatabaseMetaData data()
            throws SQLException
    {
        return connection.getMetaData();
    }

    private void parameters()
            throws SQLException
    {
        String sql = "SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e, ? AS f, ? AS g";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, 1L << 40);
            statement.setString(2, "O'Neil -- \"x\" /* ; ? ğ 😀");
            statement.setBigDecimal(3, new BigDecimal("12.340"));
            statement.setDate(4, Date.valueOf("2020-02-29"));
            statement.setTimestamp(5, Timestamp.valueOf("2020-02-29 01:02:03"));
            statement.setBoolean(6, true);
            statement.setNull(7, Types.VARCHAR);
            print(statement.executeQuery());
            statement.setString(2, "again");
            print(statement.executeQuery());
        }
    }

    private void change()
            throws SQLException
    {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO " + catalog + "." + schema + ".t VALUES (?, ?)")) {
            statement.setLong(1, 10);
            statement.setString(2, "ten");
            OUT.println("count " + statement.executeUpdate());
        }
        try (Statement statement = connection.createStatement()) {
            OUT.println("result " + statement.execute(
                    "CREATE TABLE " + catalog + "." + schema + ".made AS SELECT 1 AS a"));
            OUT.println("count " + statement.getLargeUpdateCount());
            OUT.println("count " + statement.executeUpdate(
                    "DROP TABLE " + catalog + "." + schema + ".made"));
        }
    }

    private void batch()
            throws SQLException
    {
        String table = catalog + "." + schema + ".t";
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO " + table + " VALUES (?, ?)")) {
            for (int i = 0; i < 3; i++) {
                statement.setLong(1, 20 + i);
                statement.setString(2, "batch " + i);
                statement.addBatch();
            }
            for (int count : statement.executeBatch()) {
                OUT.println("count " + count);
            }
        }
        query("SELECT a, b FROM " + table + " ORDER BY a");
    }

    private void shape()
            throws SQLException
    {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT nationkey, name AS n, DECIMAL '1.5', ARRAY[1] FROM tpch.tiny.nation LIMIT 0")) {
            ResultSetMetaData shape = rows.getMetaData();
            for (int i = 1; i <= shape.getColumnCount(); i++) {
                OUT.println(shape.getColumnLabel(i) + " " + shape.getColumnTypeName(i) + " "
                        + shape.getColumnType(i) + " " + shape.getPrecision(i) + " " + shape.getScale(i));
            }
            OUT.println("warnings " + (statement.getWarnings() == null));
        }
    }

    private void move()
            throws SQLException
    {
        connection.setCatalog("tpch");
        connection.setSchema("tiny");
        OUT.println(connection.getCatalog() + " " + connection.getSchema());
        query("SELECT count(*) FROM nation");
        connection.setCatalog(catalog);
        connection.setSchema(schema);
        query("SELECT count(*) FROM t");
    }

    private void limit()
            throws SQLException
    {
        try (Statement statement = connection.createStatement()) {
            statement.setMaxRows(3);
            statement.setQueryTimeout(60);
            statement.setFetchSize(1);
            print(statement.executeQuery("SELECT nationkey FROM tpch.tiny.nation ORDER BY 1"));
        }
    }

    private void transaction()
            throws SQLException
    {
        connection.setAutoCommit(false);
        query("SELECT count(*) FROM tpch.tiny.region");
        query("SELECT count(*) FROM tpch.tiny.nation");
        connection.commit();
        query("SELECT count(*) FROM tpch.tiny.region");
        connection.rollback();
        connection.setAutoCommit(true);
        OUT.println(connection.getAutoCommit());
    }

    private void isolation()
            throws SQLException
    {
        connection.setReadOnly(true);
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_UNCOMMITTED);
        connection.setAutoCommit(false);
        query("SELECT count(*) FROM tpch.tiny.region");
        connection.commit();
        connection.setAutoCommit(true);
        connection.setReadOnly(false);
    }

    /** From another thread, once rows have begun to come. */
    private void cancel()
            throws Exception
    {
        try (Statement statement = connection.createStatement()) {
            CountDownLatch begun = new CountDownLatch(1);
            List<Exception> failures = Collections.synchronizedList(new ArrayList<>());
            Thread other = new Thread(() -> {
                try {
                    begun.await();
                    statement.cancel();
                }
                catch (Exception e) {
                    failures.add(e);
                }
            });
            other.start();
            int seen = 0;
            try (ResultSet rows = statement.executeQuery("SELECT l.comment FROM tpch.sf1.lineitem AS l")) {
                while (rows.next()) {
                    if (++seen == 10) {
                        begun.countDown();
                        other.join();
                    }
                }
                OUT.println("was not cancelled");
            }
            catch (SQLException e) {
                OUT.println("cancelled after rows: " + (seen >= 10));
            }
            OUT.println("failures " + failures);
        }
    }

    private void query(String sql)
            throws SQLException
    {
        try (Statement statement = connection.createStatement()) {
            print(statement.executeQuery(sql));
        }
    }

    private static void print(ResultSet rows)
            throws SQLException
    {
        int columns = rows.getMetaData().getColumnCount();
        while (rows.next()) {
            StringBuilder text = new StringBuilder("row");
            for (int i = 1; i <= columns; i++) {
                text.append('\t').append(String.valueOf(rows.getObject(i)).replace('\n', ' '));
            }
            OUT.println(text);
        }
        rows.close();
    }
}
