// SPDX-License-Identifier: Apache-2.0
//
// What prestodb would check of each statement: AccessPresto SETUP CATALOG...
//
// A whole server in this process, whose catalogs are of our own making: tables
// and views without rows that take every statement. SETUP is a file of
// statements, each ended by a NUL, that make them; after those nothing changes
// them any more. Then statements on stdin, ended likewise, with catalog and
// schema in front (catalog SOH schema SOH text); for each a line of JSON:
//
//   checks      what the access control was asked, in order
//   references  [user, table, columns] that the analyzer resolved
//   utilized    of these what decides on the output
//   error       why it is not valid; the checks up to there are given
//
// Queries and changes of rows are analysed, not run; all else is run.

import com.facebook.presto.Session;
import com.facebook.presto.common.type.Type;
import com.facebook.presto.metadata.Metadata;
import com.facebook.presto.security.AccessControlManager;
import com.facebook.presto.server.testing.TestingPrestoServer;
import com.facebook.presto.spi.ColumnHandle;
import com.facebook.presto.spi.ColumnMetadata;
import com.facebook.presto.spi.ConnectorHandleResolver;
import com.facebook.presto.spi.ConnectorTableHandle;
import com.facebook.presto.spi.ConnectorTableLayout;
import com.facebook.presto.spi.ConnectorTableLayoutHandle;
import com.facebook.presto.spi.ConnectorTableLayoutResult;
import com.facebook.presto.spi.ConnectorTableMetadata;
import com.facebook.presto.spi.ConnectorViewDefinition;
import com.facebook.presto.spi.Constraint;
import com.facebook.presto.spi.Plugin;
import com.facebook.presto.spi.SchemaTableName;
import com.facebook.presto.spi.SchemaTablePrefix;
import com.facebook.presto.spi.WarningCollector;
import com.facebook.presto.spi.analyzer.AccessControlInfo;
import com.facebook.presto.spi.connector.Connector;
import com.facebook.presto.spi.connector.ConnectorAccessControl;
import com.facebook.presto.spi.connector.ConnectorContext;
import com.facebook.presto.spi.connector.ConnectorFactory;
import com.facebook.presto.spi.connector.ConnectorMetadata;
import com.facebook.presto.spi.connector.ConnectorTransactionHandle;
import com.facebook.presto.spi.procedure.Procedure;
import com.facebook.presto.spi.security.Identity;
import com.facebook.presto.spi.security.SystemAccessControl;
import com.facebook.presto.spi.session.PropertyMetadata;
import com.facebook.presto.sql.analyzer.Analysis;
import com.facebook.presto.sql.analyzer.Analyzer;
import com.facebook.presto.sql.analyzer.QueryExplainer;
import com.facebook.presto.sql.analyzer.utils.StatementUtils;
import com.facebook.presto.sql.parser.ParsingOptions;
import com.facebook.presto.sql.tree.Statement;
import com.facebook.presto.testing.TestingHandleResolver;
import com.facebook.presto.testing.TestingSession;
import com.facebook.presto.transaction.TransactionBuilder;
import com.google.inject.Key;
import java.io.BufferedInputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;

public final class AccessPresto {
    static final String USER = "user";
    static final String OWNER = "owner"; // of what SETUP makes

    record Handle(String name) implements ConnectorTableHandle, ConnectorTableLayoutHandle, ColumnHandle { }

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
                case "createView" -> {
                    SchemaTableName name = ((ConnectorTableMetadata) given[1]).getTable();
                    views.put(name, new ConnectorViewDefinition(name, Optional.of(OWNER), (String) given[2]));
                }
                default -> throw new IllegalStateException("not for SETUP: " + method);
            }
        }

        @Override
        @SuppressWarnings("unchecked")
        public Object invoke(Object self, Method method, Object[] given) throws Throwable {
            switch (method.getName()) {
                case "listSchemaNames":
                    return List.copyOf(schemas);
                case "getTableHandle", "getTableHandleForStatisticsCollection":
                    return tables.containsKey(given[1]) ? new Handle(given[1].toString()) : null;
                case "getTableMetadata":
                    return tables.get(name(given[1]));
                case "getTableLayoutForConstraint":
                    return new ConnectorTableLayoutResult(new ConnectorTableLayout((Handle) given[1]), ((Constraint<ColumnHandle>) given[2]).getSummary());
                case "getTableLayout":
                    return new ConnectorTableLayout((Handle) given[1]);
                case "getColumnHandles":
                    return handles(tables.get(name(given[1])));
                case "getColumnMetadata":
                    String wanted = ((Handle) given[2]).name();
                    return tables.get(name(given[1])).getColumns().stream().filter(column -> column.getName().equals(wanted)).findFirst().orElseThrow();
                case "listTableColumns":
                    Map<SchemaTableName, List<ColumnMetadata>> listed = new LinkedHashMap<>();
                    tables.forEach((name, table) -> listed.put(name, table.getColumns()));
                    return listed;
                case "listTables":
                    return List.copyOf(tables.keySet());
                case "listViews":
                    return List.copyOf(views.keySet());
                case "getViews":
                    SchemaTablePrefix prefix = (SchemaTablePrefix) given[1];
                    Map<SchemaTableName, ConnectorViewDefinition> found = new LinkedHashMap<>(views);
                    found.keySet().removeIf(name -> !prefix.matches(name));
                    return found;
                case "listRoles", "listEnabledRoles":
                    return Set.of("role");
                case "listRoleGrants", "listApplicableRoles":
                    return Set.of();
                default:
                    if (method.getReturnType() != void.class || method.getName().matches("beginQuery|cleanupQuery|doMetadataUpdateCleanup")) {
                        return InvocationHandler.invokeDefault(self, method, given);
                    }
                    if (!frozen[0]) {
                        change(method.getName(), given);
                    }
                    return null;
            }
        }
    }

    private final Recorder recorder = new Recorder();
    private final boolean[] frozen = {false};
    private final TestingPrestoServer server = new TestingPrestoServer();
    private final Wire wire = new Wire(server.getBaseUrl(), "X-Presto-");

    private AccessPresto(List<String> catalogs) throws Exception {
        Field control = AccessControlManager.class.getDeclaredField("systemAccessControl");
        control.setAccessible(true);
        @SuppressWarnings("unchecked")
        var held = (AtomicReference<SystemAccessControl>) control.get(server.getAccessControl());
        held.set(recorder.accessControl(SystemAccessControl.class, Optional.empty()));
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

    private final class Factory implements ConnectorFactory {
        @Override
        public String getName() {
            return "made";
        }

        @Override
        public ConnectorHandleResolver getHandleResolver() {
            return new TestingHandleResolver() {
                @Override
                public Class<? extends ConnectorTableHandle> getTableHandleClass() {
                    return Handle.class;
                }

                @Override
                public Class<? extends ColumnHandle> getColumnHandleClass() {
                    return Handle.class;
                }

                @Override
                public Class<? extends ConnectorTableLayoutHandle> getTableLayoutHandleClass() {
                    return Handle.class;
                }

                @Override
                public Class<? extends ConnectorTransactionHandle> getTransactionHandleClass() {
                    return OneTransactionHandle.class;
                }
            };
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
                case "getSplitManager", "getPageSourceProvider" -> unused(method.getReturnType());
                case "getSessionProperties", "getTableProperties", "getSchemaProperties", "getColumnProperties", "getAnalyzeProperties" -> properties;
                case "hashCode" -> System.identityHashCode(self);
                case "equals" -> self == given[0];
                default -> InvocationHandler.invokeDefault(self, method, given);
            });
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
            Statement statement = server.getSqlParser().createStatement(parts[2], new ParsingOptions(ParsingOptions.DecimalLiteralTreatment.AS_DECIMAL));
            boolean runs = StatementUtils.getQueryType(statement.getClass()).filter(type -> type.name().matches("DATA_DEFINITION|CONTROL")).isPresent();
            if (runs) {
                wire.run(USER, parts[0], parts[1], parts[2]);
            } else {
                analyze(parts[0], parts[1], statement, answer);
            }
        } catch (Throwable e) {
            answer.putAll(Recorder.error(e));
        }
        answer.put("checks", recorder.take());
        return answer;
    }

    private void analyze(String catalog, String schema, Statement statement, Map<String, Object> answer) {
        Metadata metadata = server.getMetadata();
        Session session = TestingSession.testSessionBuilder(metadata.getSessionPropertyManager())
                .setIdentity(new Identity(USER, Optional.empty())).setCatalog(catalog).setSchema(schema).build();
        TransactionBuilder.transaction(server.getTransactionManager(), server.getAccessControl()).singleStatement().readUncommitted().execute(session, begun -> {
            session.getCatalog().ifPresent(name -> metadata.getCatalogHandle(begun, name));
            Analyzer analyzer = new Analyzer(begun, metadata, server.getSqlParser(), server.getAccessControl(), Optional.of(server.getInstance(Key.get(QueryExplainer.class))), List.of(), Map.of(), WarningCollector.NOOP);
            Analysis analysis = analyzer.analyze(statement);
            try {
                answer.put("references", Recorder.references(analysis.getTableColumnReferences(), "getIdentity"));
                answer.put("utilized", Recorder.references(analysis.getUtilizedTableColumnReferences(), "getIdentity"));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            return null;
        });
    }

    public static void main(String[] arguments) {
        PrintStream out = System.out;
        System.setOut(System.err);
        Logger.getLogger("").setLevel(Level.OFF);
        try {
            List<String> given = List.of(arguments);
            AccessPresto oracle = new AccessPresto(given.subList(1, given.size()));
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
