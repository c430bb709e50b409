// SPDX-License-Identifier: Apache-2.0
//
// What Trino would check of each statement (Oracle.java). Compiles with 435 as
// with 476; what only one of them has is reached by name.

import com.google.inject.Key;
import io.trino.Session;
import io.trino.execution.querystats.PlanOptimizersStatsCollector;
import io.trino.execution.warnings.WarningCollector;
import io.trino.metadata.Metadata;
import io.trino.metadata.SessionPropertyManager;
import io.trino.server.testing.TestingTrinoServer;
import io.trino.spi.Plugin;
import io.trino.spi.connector.CatalogSchemaTableName;
import io.trino.spi.connector.ColumnHandle;
import io.trino.spi.connector.Connector;
import io.trino.spi.connector.ConnectorAccessControl;
import io.trino.spi.connector.ConnectorCapabilities;
import io.trino.spi.connector.ConnectorContext;
import io.trino.spi.connector.ConnectorFactory;
import io.trino.spi.connector.ConnectorMaterializedViewDefinition;
import io.trino.spi.connector.ConnectorMetadata;
import io.trino.spi.connector.ConnectorSession;
import io.trino.spi.connector.ConnectorTableExecuteHandle;
import io.trino.spi.connector.ConnectorTableHandle;
import io.trino.spi.connector.ConnectorTableMetadata;
import io.trino.spi.connector.ConnectorTransactionHandle;
import io.trino.spi.connector.MaterializedViewFreshness;
import io.trino.spi.connector.SchemaTableName;
import io.trino.spi.connector.TableProcedureExecutionMode;
import io.trino.spi.connector.TableProcedureMetadata;
import io.trino.spi.function.LanguageFunction;
import io.trino.spi.function.SchemaFunctionName;
import io.trino.spi.function.table.AbstractConnectorTableFunction;
import io.trino.spi.function.table.Argument;
import io.trino.spi.function.table.ConnectorTableFunctionHandle;
import io.trino.spi.function.table.Descriptor;
import io.trino.spi.function.table.ReturnTypeSpecification.GenericTable;
import io.trino.spi.function.table.ScalarArgumentSpecification;
import io.trino.spi.function.table.TableArgumentSpecification;
import io.trino.spi.function.table.TableFunctionAnalysis;
import io.trino.spi.procedure.Procedure;
import io.trino.spi.security.Identity;
import io.trino.spi.security.SystemAccessControl;
import io.trino.spi.session.PropertyMetadata;
import io.trino.spi.type.BigintType;
import io.trino.sql.analyzer.AnalyzerFactory;
import io.trino.sql.parser.SqlParser;
import io.trino.sql.tree.ExecuteImmediate;
import io.trino.sql.tree.Statement;
import io.trino.testing.TestingSession;
import io.trino.testing.TransactionBuilder;
import io.trino.util.StatementUtils;
import java.lang.reflect.Method;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

public final class AccessTrino extends Oracle {
    // Done before the analyzer sees the statement.
    private static final Pattern BEFORE = Pattern.compile("(--[^\n]*\n)*with session .*", Pattern.DOTALL);
    // What begins with it is a materialized view whose rows are out of date.
    private static final String STALE = "old";

    record Handle(String name) implements Named, ConnectorTableHandle, ConnectorTableExecuteHandle, ColumnHandle { }

    record OneTransactionHandle() implements ConnectorTransactionHandle { }

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

    private final class Catalog extends Made {
        private final String catalog;
        private final Map<SchemaFunctionName, LanguageFunction> functions = new LinkedHashMap<>();

        Catalog(String catalog) {
            this.catalog = catalog;
        }

        @Override
        Named handle(String name) {
            return new Handle(name);
        }

        @Override
        Object tableName(String schema, String table) {
            return new SchemaTableName(schema, table);
        }

        @Override
        void change(String method, Object[] given) {
            switch (method) {
                case "createSchema" -> schemas.add((String) given[1]);
                case "createTable" -> tables.put(((ConnectorTableMetadata) given[1]).getTable(), given[1]);
                case "createView" -> views.put(given[1], given[2]);
                case "createMaterializedView" -> materialized.put(given[1], stored((SchemaTableName) given[1], (ConnectorMaterializedViewDefinition) given[2]));
                case "createLanguageFunction" -> functions.put((SchemaFunctionName) given[1], (LanguageFunction) given[2]);
                default -> throw new IllegalStateException("not for SETUP: " + method);
            }
        }

        // The rows of m are in table m_rows.
        private ConnectorMaterializedViewDefinition stored(SchemaTableName name, ConnectorMaterializedViewDefinition view) {
            CatalogSchemaTableName storage = new CatalogSchemaTableName(catalog, name.getSchemaName(), name.getTableName() + "_rows");
            return new ConnectorMaterializedViewDefinition(view.getOriginalSql(), Optional.of(storage), view.getCatalog(), view.getSchema(), view.getColumns(), view.getGracePeriod(), view.getComment(), view.getOwner(), view.getPath());
        }

        private MaterializedViewFreshness freshness(SchemaTableName name) {
            boolean stale = name.getTableName().startsWith(STALE);
            return new MaterializedViewFreshness(stale ? MaterializedViewFreshness.Freshness.STALE : MaterializedViewFreshness.Freshness.FRESH, Optional.empty());
        }

        @Override
        Object own(Method method, Object[] given) throws Exception {
            return switch (method.getName()) {
                case "getTableHandleForStatisticsCollection" -> given[1];
                case "getStatisticsCollectionMetadata" -> analyzed(method.getReturnType(), given[1]);
                case "getTableHandleForExecute" -> Optional.of(handle("execution"));
                case "getTableName" -> nameOf(given[1]);
                case "getTableSchema" -> ((ConnectorTableMetadata) table(given[1])).getTableSchema();
                case "delegateMaterializedViewRefreshToConnector" -> false;
                case "getMaterializedViewFreshness" -> freshness((SchemaTableName) given[1]);
                case "getViews" -> views;
                case "isView" -> views.containsKey(given[1]);
                case "getView" -> Optional.ofNullable(views.get(given[1]));
                case "listLanguageFunctions" -> List.copyOf(functions.values());
                case "getLanguageFunctions" -> Optional.ofNullable(functions.get(given[1])).map(List::of).orElse(List.of());
                case "languageFunctionExists" -> functions.containsKey(given[1]);
                default -> NOBODYS;
            };
        }

        // ConnectorAnalyzeMetadata(table, statistics), or the latter alone.
        private static Object analyzed(Class<?> type, Object table) throws Exception {
            Class<?> statistics = Class.forName("io.trino.spi.statistics.TableStatisticsMetadata");
            Object none = statistics.getMethod("empty").invoke(null);
            return type == statistics ? none : type.getConstructors()[0].newInstance(table, none);
        }
    }

    // pick(input => TABLE(t), n => 1) reads the first column of t alone.
    static final class Pick extends AbstractConnectorTableFunction {
        record Picked() implements ConnectorTableFunctionHandle { }

        Pick() {
            super("forms", "pick", List.of(
                    TableArgumentSpecification.builder().name("INPUT").rowSemantics().build(),
                    ScalarArgumentSpecification.builder().name("N").type(BigintType.BIGINT).defaultValue(1L).build()), GenericTable.GENERIC_TABLE);
        }

        @Override
        public TableFunctionAnalysis analyze(ConnectorSession session, ConnectorTransactionHandle transaction, Map<String, Argument> arguments, ConnectorAccessControl control) {
            return TableFunctionAnalysis.builder()
                    .returnedType(Descriptor.descriptor(List.of("z"), List.of(BigintType.BIGINT)))
                    .requiredColumns("INPUT", List.of(0))
                    .handle(new Picked())
                    .build();
        }
    }

    private final class Factory implements ConnectorFactory {
        @Override
        public String getName() {
            return "made";
        }

        @Override
        public Connector create(String name, Map<String, String> configuration, ConnectorContext context) {
            List<PropertyMetadata<?>> properties = List.of(PropertyMetadata.stringProperty("p", "any", "x", false));
            return connector(
                    Connector.class,
                    proxy(ConnectorMetadata.class, new Catalog(name)),
                    recorder.accessControl(ConnectorAccessControl.class, Optional.of(name)),
                    new OneTransactionHandle(),
                    properties,
                    Map.of("getProcedures", Set.of(new Procedure("forms", "work", List.of(), nothing())),
                            "getTableProcedures", Set.of(new TableProcedureMetadata("OPTIMIZE", TableProcedureExecutionMode.distributedWithFilteringAndRepartitioning(), properties)),
                            "getTableFunctions", Set.of(new Pick()),
                            "getCapabilities", capabilities(ConnectorCapabilities.class)));
        }
    }

    @Override
    Wire wire() {
        return wire;
    }

    @Override
    boolean runs(String sql) {
        Statement statement = parser.createStatement(sql);
        return statement instanceof ExecuteImmediate || BEFORE.matcher(sql).matches() || StatementUtils.getQueryType(statement).filter(type -> type.name().equals("DATA_DEFINITION")).isPresent();
    }

    @Override
    void analyze(String catalog, String schema, String sql, Map<String, Object> answer) {
        Metadata metadata = server.getInstance(Key.get(Metadata.class));
        Session session = TestingSession.testSessionBuilder(server.getInstance(Key.get(SessionPropertyManager.class)))
                .setIdentity(Identity.ofUser(USER)).setOriginalIdentity(Identity.ofUser(USER)).setCatalog(catalog).setSchema(schema).build();
        TransactionBuilder.transaction(server.getTransactionManager(), metadata, server.getAccessControl()).singleStatement().readUncommitted().execute(session, begun -> {
            metadata.getCatalogHandle(begun, catalog);
            server.getInstance(Key.get(AnalyzerFactory.class))
                    .createAnalyzer(begun, List.of(), Map.of(), WarningCollector.NOOP, PlanOptimizersStatsCollector.createPlanOptimizersStatsCollector())
                    .analyze(parser.createStatement(sql));
        });
    }

    public static void main(String[] arguments) {
        main(arguments, AccessTrino::new);
    }
}
