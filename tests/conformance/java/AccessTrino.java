// SPDX-License-Identifier: Apache-2.0
//
// What Trino would check of each statement: AccessTrino SETUP CATALOG...
//
// As AccessPresto, which says what goes in and what comes out; the latter is
// "checks" and "error". Compiles with 435 as with 476.

import com.google.inject.Key;
import io.trino.Session;
import io.trino.execution.querystats.PlanOptimizersStatsCollector;
import io.trino.execution.warnings.WarningCollector;
import io.trino.metadata.Metadata;
import io.trino.metadata.SessionPropertyManager;
import io.trino.server.testing.TestingTrinoServer;
import io.trino.spi.Plugin;
import io.trino.spi.connector.ColumnHandle;
import io.trino.spi.connector.ColumnMetadata;
import io.trino.spi.connector.Connector;
import io.trino.spi.connector.ConnectorAccessControl;
import io.trino.spi.connector.ConnectorContext;
import io.trino.spi.connector.ConnectorFactory;
import io.trino.spi.connector.ConnectorMetadata;
import io.trino.spi.connector.ConnectorTableHandle;
import io.trino.spi.connector.ConnectorTableMetadata;
import io.trino.spi.connector.ConnectorTransactionHandle;
import io.trino.spi.connector.ConnectorViewDefinition;
import io.trino.spi.connector.RowChangeParadigm;
import io.trino.spi.connector.SchemaTableName;
import io.trino.spi.procedure.Procedure;
import io.trino.spi.security.Identity;
import io.trino.spi.security.SystemAccessControl;
import io.trino.spi.session.PropertyMetadata;
import io.trino.spi.type.BigintType;
import io.trino.sql.analyzer.AnalyzerFactory;
import io.trino.sql.parser.SqlParser;
import io.trino.sql.tree.Statement;
import io.trino.testing.TestingSession;
import io.trino.testing.TransactionBuilder;
import io.trino.util.StatementUtils;
import java.io.BufferedInputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.logging.Level;
import java.util.logging.Logger;

public final class AccessTrino {
    static final String USER = "user";
    static final String OWNER = "owner"; // of what SETUP makes

    record Handle(String name) implements ConnectorTableHandle, ColumnHandle { }

    record OneTransactionHandle() implements ConnectorTransactionHandle { }

    // One catalog: what SETUP made in it.
    static final class Catalog implements InvocationHandler {
        private final Map<SchemaTableName, ConnectorTableMetadata> tables = new TreeMap<>(java.util.Comparator.comparing(SchemaTableName::toString));
        private final Map<SchemaTableName, ConnectorViewDefinition> views = new LinkedHashMap<>();
        private final Set<String> schemas = new TreeSet<>();
        private final boolean[] frozen;

        Catalog(boolean[] frozen) {
            this.frozen = frozen;
        }

        private static SchemaTableName name(Object handle) {
            String[] parts = ((Handle) handle).name().split("\\.", 2);
            return new SchemaTableName(parts[0], parts[1]);
        }

        private static Map<String, ColumnHandle> handles(ConnectorTableMetadata table) {
            Map<String, ColumnHandle> found = new LinkedHashMap<>();
            table.getColumns().forEach(column -> found.put(column.getName(), new Handle(column.getName())));
            return found;
        }

        private void change(String method, Object[] given) {
            switch (method) {
                case "createSchema" -> schemas.add((String) given[1]);
                case "createTable" -> {
                    ConnectorTableMetadata table = (ConnectorTableMetadata) given[1];
                    tables.put(table.getTable(), table);
                }
                case "createView" -> views.put((SchemaTableName) given[1], (ConnectorViewDefinition) given[2]);
                default -> throw new IllegalStateException("not for SETUP: " + method);
            }
        }

        @Override
        public Object invoke(Object self, Method method, Object[] given) throws Throwable {
            switch (method.getName()) {
                case "listSchemaNames":
                    return List.copyOf(schemas);
                case "getTableHandle":
                    return tables.containsKey(given[1]) ? new Handle(given[1].toString()) : null;
                case "getTableHandleForStatisticsCollection":
                    return given[1];
                case "getStatisticsCollectionMetadata":
                    return analyzed(method.getReturnType(), given[1]);
                case "getTableName":
                    return name(given[1]);
                case "getTableMetadata":
                    return tables.get(name(given[1]));
                case "getTableSchema":
                    return tables.get(name(given[1])).getTableSchema();
                case "getColumnHandles":
                    return handles(tables.get(name(given[1])));
                case "getColumnMetadata":
                    String wanted = ((Handle) given[2]).name();
                    if (wanted.equals("row")) {
                        return new ColumnMetadata("row", BigintType.BIGINT);
                    }
                    return tables.get(name(given[1])).getColumns().stream().filter(column -> column.getName().equals(wanted)).findFirst().orElseThrow();
                case "getMergeRowIdColumnHandle":
                    return new Handle("row");
                case "getRowChangeParadigm":
                    return RowChangeParadigm.DELETE_ROW_AND_INSERT_ROW;
                case "listTables":
                    return List.copyOf(tables.keySet());
                case "listViews":
                    return List.copyOf(views.keySet());
                case "getViews":
                    return views;
                case "isView":
                    return views.containsKey(given[1]);
                case "getView":
                    return Optional.ofNullable(views.get(given[1]));
                case "listRoles", "listEnabledRoles":
                    return Set.of("role");
                case "listRoleGrants", "listApplicableRoles":
                    return Set.of();
                default:
                    if (method.getReturnType() != void.class || method.getName().matches("beginQuery|cleanupQuery|validateScan")) {
                        return InvocationHandler.invokeDefault(self, method, given);
                    }
                    if (!frozen[0]) {
                        change(method.getName(), given);
                    }
                    return null;
            }
        }

        // ConnectorAnalyzeMetadata(table, statistics), or the latter alone.
        private static Object analyzed(Class<?> type, Object table) throws Exception {
            Class<?> statistics = Class.forName("io.trino.spi.statistics.TableStatisticsMetadata");
            Object none = statistics.getMethod("empty").invoke(null);
            return type == statistics ? none : type.getConstructors()[0].newInstance(table, none);
        }
    }

    private final Recorder recorder = new Recorder();
    private final boolean[] frozen = {false};
    private final SqlParser parser = new SqlParser();
    private final TestingTrinoServer server;
    private final Wire wire;

    private AccessTrino(List<String> catalogs) {
        server = TestingTrinoServer.builder()
                .setSystemAccessControl(recorder.accessControl(SystemAccessControl.class, Optional.empty()))
                .build();
        wire = new Wire(server.getBaseUrl(), "X-Trino-");
        server.installPlugin(new Plugin() {
            @Override
            public Iterable<ConnectorFactory> getConnectorFactories() {
                return List.of(new Factory());
            }
        });
        for (String catalog : catalogs) {
            server.createCatalog(catalog, "made", Map.of());
        }
    }

    public static void doNothing() { }

    private final class Factory implements ConnectorFactory {
        @Override
        public String getName() {
            return "made";
        }

        @Override
        public Connector create(String name, Map<String, String> configuration, ConnectorContext context) {
            ConnectorMetadata metadata = (ConnectorMetadata) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {ConnectorMetadata.class}, new Catalog(frozen));
            ConnectorAccessControl control = recorder.accessControl(ConnectorAccessControl.class, Optional.of(name));
            List<PropertyMetadata<?>> properties = List.of(PropertyMetadata.stringProperty("p", "any", "x", false));
            return (Connector) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Connector.class}, (self, method, given) -> switch (method.getName()) {
                case "beginTransaction" -> new OneTransactionHandle();
                case "getMetadata" -> metadata;
                case "getAccessControl" -> control;
                case "getProcedures" -> Set.of(procedure());
                case "getSplitManager", "getPageSourceProvider", "getPageSinkProvider" -> unused(method.getReturnType());
                case "getSessionProperties", "getTableProperties", "getSchemaProperties", "getColumnProperties", "getAnalyzeProperties", "getMaterializedViewProperties", "getViewProperties" -> properties;
                case "hashCode" -> System.identityHashCode(self);
                case "equals" -> self == given[0];
                case "toString" -> name;
                default -> InvocationHandler.invokeDefault(self, method, given);
            });
        }

        private Procedure procedure() throws Exception {
            return new Procedure("forms", "work", List.of(), MethodHandles.lookup().unreflect(AccessTrino.class.getMethod("doNothing")));
        }
    }

    // Of what it takes to run queries; they are not run.
    private static Object unused(Class<?> type) {
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, given) -> {
            throw new UnsupportedOperationException("no rows here");
        });
    }

    private void setUp(String file) throws Exception {
        for (String statement : Files.readString(Path.of(file)).split("\0")) {
            String[] parts = statement.split("\u0001", 3);
            wire.run(OWNER, parts[0], parts[1], parts[2]);
        }
        frozen[0] = true;
        recorder.take();
    }

    private Map<String, Object> ask(String question) {
        Map<String, Object> answer = new LinkedHashMap<>();
        String[] parts = question.split("\u0001", 3);
        try {
            Statement statement = parser.createStatement(parts[2]);
            boolean runs = StatementUtils.getQueryType(statement).filter(type -> type.name().matches("DATA_DEFINITION|ALTER_TABLE_EXECUTE")).isPresent();
            if (runs) {
                wire.run(USER, parts[0], parts[1], parts[2]);
            } else {
                analyze(parts[0], parts[1], statement);
            }
        } catch (Throwable e) {
            answer.putAll(Recorder.error(e));
        }
        answer.put("checks", recorder.take());
        return answer;
    }

    private void analyze(String catalog, String schema, Statement statement) {
        Metadata metadata = server.getInstance(Key.get(Metadata.class));
        Session session = TestingSession.testSessionBuilder(server.getInstance(Key.get(SessionPropertyManager.class)))
                .setIdentity(Identity.ofUser(USER)).setOriginalIdentity(Identity.ofUser(USER)).setCatalog(catalog).setSchema(schema).build();
        TransactionBuilder.transaction(server.getTransactionManager(), metadata, server.getAccessControl()).singleStatement().readUncommitted().execute(session, begun -> {
            metadata.getCatalogHandle(begun, catalog);
            server.getInstance(Key.get(AnalyzerFactory.class))
                    .createAnalyzer(begun, List.of(), Map.of(), WarningCollector.NOOP, PlanOptimizersStatsCollector.createPlanOptimizersStatsCollector())
                    .analyze(statement);
        });
    }

    public static void main(String[] arguments) {
        PrintStream out = System.out;
        System.setOut(System.err);
        Logger.getLogger("").setLevel(Level.OFF);
        try {
            List<String> given = List.of(arguments);
            AccessTrino oracle = new AccessTrino(given.subList(1, given.size()));
            oracle.setUp(given.get(0));
            InputStream in = new BufferedInputStream(System.in);
            for (String question = Recorder.next(in); question != null; question = Recorder.next(in)) {
                out.println(Recorder.json(oracle.ask(question)));
                out.flush();
            }
            System.exit(0);
        } catch (Exception e) {
            e.printStackTrace();
            System.exit(1);
        }
    }
}
