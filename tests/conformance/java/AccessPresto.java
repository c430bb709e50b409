// SPDX-License-Identifier: Apache-2.0
//
// What prestodb would check of each statement (Oracle.java). Adds to an answer:
//
//   references  [user, table, columns] that the analyzer resolved; the access
//               control is asked for all of these
//   utilized    of these what decides on the output

import com.facebook.presto.Session;
import com.facebook.presto.metadata.Metadata;
import com.facebook.presto.security.AccessControlManager;
import com.facebook.presto.server.testing.TestingPrestoServer;
import com.facebook.presto.spi.ColumnHandle;
import com.facebook.presto.spi.ColumnMetadata;
import com.facebook.presto.spi.ConnectorHandleResolver;
import com.facebook.presto.spi.ConnectorInsertTableHandle;
import com.facebook.presto.spi.ConnectorTableHandle;
import com.facebook.presto.spi.ConnectorTableLayout;
import com.facebook.presto.spi.ConnectorTableLayoutHandle;
import com.facebook.presto.spi.ConnectorTableLayoutResult;
import com.facebook.presto.spi.ConnectorTableMetadata;
import com.facebook.presto.spi.ConnectorViewDefinition;
import com.facebook.presto.spi.Constraint;
import com.facebook.presto.spi.MaterializedViewStatus;
import com.facebook.presto.spi.Plugin;
import com.facebook.presto.spi.SchemaTableName;
import com.facebook.presto.spi.SchemaTablePrefix;
import com.facebook.presto.spi.WarningCollector;
import com.facebook.presto.spi.connector.Connector;
import com.facebook.presto.spi.connector.ConnectorAccessControl;
import com.facebook.presto.spi.connector.ConnectorCapabilities;
import com.facebook.presto.spi.connector.ConnectorContext;
import com.facebook.presto.spi.connector.ConnectorFactory;
import com.facebook.presto.spi.connector.ConnectorMetadata;
import com.facebook.presto.spi.connector.ConnectorTransactionHandle;
import com.facebook.presto.spi.procedure.Procedure;
import com.facebook.presto.spi.security.Identity;
import com.facebook.presto.spi.security.PrestoPrincipal;
import com.facebook.presto.spi.security.PrincipalType;
import com.facebook.presto.spi.security.RoleGrant;
import com.facebook.presto.spi.security.SystemAccessControl;
import com.facebook.presto.spi.session.PropertyMetadata;
import com.facebook.presto.sql.analyzer.Analysis;
import com.facebook.presto.sql.analyzer.Analyzer;
import com.facebook.presto.sql.analyzer.QueryExplainer;
import com.facebook.presto.sql.analyzer.utils.StatementUtils;
import com.facebook.presto.sql.parser.ParsingOptions;
import com.facebook.presto.sql.parser.SqlParserOptions;
import com.facebook.presto.sql.tree.Statement;
import com.facebook.presto.testing.TestingHandleResolver;
import com.facebook.presto.testing.TestingSession;
import com.facebook.presto.transaction.TransactionBuilder;
import com.google.inject.Key;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

public final class AccessPresto extends Oracle {
    record Handle(String name) implements Named, ConnectorTableHandle, ConnectorTableLayoutHandle, ConnectorInsertTableHandle, ColumnHandle { }

    record OneTransactionHandle() implements ConnectorTransactionHandle { }

    // Newer ones ask for the columns that decide on the output only.
    private static final Map<String, String> CONFIGURATION = Map.of("check-access-control-on-utilized-columns-only", "false");

    private final TestingPrestoServer server = new TestingPrestoServer(true, CONFIGURATION, null, null, new SqlParserOptions(), List.of());
    private final Wire wire = new Wire(server.getBaseUrl(), "X-Presto-");

    private AccessPresto(List<String> catalogs) throws Exception {
        control(recorder.accessControl(SystemAccessControl.class, Optional.empty()));
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

    // Newer ones hold it in an object that counts as well.
    private void control(SystemAccessControl ours) throws Exception {
        Field field = AccessControlManager.class.getDeclaredField("systemAccessControl");
        field.setAccessible(true);
        Object holder = field.get(server.getAccessControl());
        boolean plain = holder instanceof AtomicReference;
        holder.getClass().getMethod(plain ? "set" : "updateDelegate", plain ? Object.class : SystemAccessControl.class).invoke(holder, ours);
    }

    private final class Catalog extends Made {
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
                case "createView" -> {
                    SchemaTableName name = ((ConnectorTableMetadata) given[1]).getTable();
                    views.put(name, new ConnectorViewDefinition(name, Optional.of(OWNER), (String) given[2]));
                }
                case "createMaterializedView" -> {
                    // Its rows are in a table of its name.
                    SchemaTableName name = ((ConnectorTableMetadata) given[1]).getTable();
                    tables.put(name, given[1]);
                    materialized.put(name, given[2]);
                }
                default -> throw new IllegalStateException("not for SETUP: " + method);
            }
        }

        @Override
        @SuppressWarnings("unchecked")
        Object own(Method method, Object[] given) throws Exception {
            return switch (method.getName()) {
                case "getDeleteRowIdColumnHandle", "getUpdateRowIdColumnHandle" -> throw new UnsupportedOperationException(NO_ROWS);
                case "listRoleGrants" -> Set.of(new RoleGrant(new PrestoPrincipal(PrincipalType.USER, USER), "role", false));
                case "getTableHandleForStatisticsCollection" -> tables.containsKey(given[1]) ? handle(given[1].toString()) : null;
                case "getTableLayoutForConstraint" -> new ConnectorTableLayoutResult(new ConnectorTableLayout((Handle) given[1]), ((Constraint<ColumnHandle>) given[2]).getSummary());
                case "getTableLayout" -> new ConnectorTableLayout((Handle) given[1]);
                case "getMaterializedViewStatus" -> new MaterializedViewStatus(MaterializedViewStatus.MaterializedViewState.FULLY_MATERIALIZED);
                case "listTableColumns" -> {
                    Map<Object, List<?>> listed = new LinkedHashMap<>();
                    for (Object name : tables.keySet()) {
                        listed.put(name, columns(handle(name.toString())));
                    }
                    yield listed;
                }
                case "getViews" -> {
                    Map<Object, Object> found = new LinkedHashMap<>(views);
                    found.keySet().removeIf(name -> !((SchemaTablePrefix) given[1]).matches((SchemaTableName) name));
                    yield found;
                }
                default -> NOBODYS;
            };
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
            return connector(
                    Connector.class,
                    proxy(ConnectorMetadata.class, new Catalog()),
                    recorder.accessControl(ConnectorAccessControl.class, Optional.of(name)),
                    new OneTransactionHandle(),
                    List.of(PropertyMetadata.stringProperty("p", "any", "x", false)),
                    Map.of("getProcedures", Set.of(new Procedure("forms", "work", List.of(), nothing())),
                            "getCapabilities", capabilities(ConnectorCapabilities.class)));
        }
    }

    private Statement parse(String sql) {
        return server.getSqlParser().createStatement(sql, new ParsingOptions(ParsingOptions.DecimalLiteralTreatment.AS_DECIMAL));
    }

    @Override
    Wire wire() {
        return wire;
    }

    @Override
    boolean runs(String sql) {
        return StatementUtils.getQueryType(parse(sql).getClass()).filter(type -> type.name().matches("DATA_DEFINITION|CONTROL")).isPresent();
    }

    @Override
    void analyze(String catalog, String schema, String sql, Map<String, Object> answer) {
        Metadata metadata = server.getMetadata();
        Session session = TestingSession.testSessionBuilder(metadata.getSessionPropertyManager())
                .setIdentity(new Identity(USER, Optional.empty())).setCatalog(catalog).setSchema(schema).build();
        TransactionBuilder.transaction(server.getTransactionManager(), server.getAccessControl()).singleStatement().readUncommitted().execute(session, begun -> {
            session.getCatalog().ifPresent(name -> metadata.getCatalogHandle(begun, name));
            try {
                Analysis analysis = analyzer(begun, sql).analyze(parse(sql));
                answer.put("references", Recorder.references(analysis.getTableColumnReferences(), "getIdentity"));
                answer.put("utilized", Recorder.references(analysis.getUtilizedTableColumnReferences(), "getIdentity"));
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            return null;
        });
    }

    // Newer ones want the text as well.
    private Analyzer analyzer(Session session, String sql) throws Exception {
        List<Object> given = new ArrayList<>(List.of(session, server.getMetadata(), server.getSqlParser(), server.getAccessControl(), Optional.of(server.getInstance(Key.get(QueryExplainer.class))), List.of(), Map.of(), WarningCollector.NOOP));
        Constructor<?> shortest = Arrays.stream(Analyzer.class.getConstructors()).min(Comparator.comparing(Constructor::getParameterCount)).orElseThrow();
        if (shortest.getParameterCount() > given.size()) {
            given.add(sql);
        }
        return (Analyzer) shortest.newInstance(given.toArray());
    }

    public static void main(String[] arguments) {
        main(arguments, AccessPresto::new);
    }
}
