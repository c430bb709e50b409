// SPDX-License-Identifier: Apache-2.0
//
// What an engine would check of each statement: the frame of the programs
// AccessPresto and AccessTrino, ENGINE SETUP CATALOG...
//
// A whole server in this process, whose catalogs are of our own making: tables
// and views without rows that take every statement. SETUP is a file of
// statements, each ended by a NUL, that make them; after those nothing changes
// them any more. Then statements on stdin, ended likewise, with catalog and
// schema in front and the text of the prepared statement p, if any, behind
// (catalog SOH schema SOH text SOH prepared); for each a line of JSON:
//
//   checks      what the access control was asked, in order
//   error       why it is not valid; the checks up to there are given
//   ..          what the engine's own program adds
//
// Queries and changes of rows are analysed, not run; all else is run. Nothing
// here is of one engine: names of methods and getters are those of both.

import java.io.BufferedInputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;

abstract class Oracle {
    static final String USER = "user";
    static final String OWNER = "owner"; // of what SETUP makes
    static final String NO_ROWS = "no rows here";
    private static final String ROW = "row"; // the column that tells rows apart

    // A handle of a table or a column.
    interface Named {
        String name();
    }

    final Recorder recorder = new Recorder();
    private boolean frozen;

    // ---- what an engine has of its own

    abstract Wire wire();

    // Whether it is to be run, as nothing analyses it.
    abstract boolean runs(String sql);

    abstract void analyze(String catalog, String schema, String sql, Map<String, Object> answer) throws Exception;

    // One catalog: what SETUP made in it, each by the engine's own name of it.
    abstract class Made implements InvocationHandler {
        final Map<Object, Object> tables = sorted();
        final Map<Object, Object> views = sorted();
        final Map<Object, Object> materialized = sorted();
        final Set<String> schemas = new TreeSet<>();

        abstract Named handle(String name);

        abstract Object tableName(String schema, String table);

        // What one engine alone has; NOBODYS if it has it not either.
        abstract Object own(Method method, Object[] given) throws Throwable;

        abstract void change(String method, Object[] given) throws Exception;

        Object table(Object handle) {
            return tables.get(nameOf(handle));
        }

        Object nameOf(Object handle) {
            String[] parts = ((Named) handle).name().split("\\.", 2);
            return tableName(parts[0], parts[1]);
        }

        List<?> columns(Object handle) throws Exception {
            return (List<?>) Recorder.call(table(handle), "getColumns");
        }

        private Object column(Object table, Object column) throws Exception {
            if (((Named) column).name().equals(ROW)) {
                return columns(table).get(0); // any type will do
            }
            for (Object each : columns(table)) {
                if (Recorder.call(each, "getName").equals(((Named) column).name())) {
                    return each;
                }
            }
            throw new IllegalArgumentException(((Named) column).name());
        }

        // Those of one schema, or of all.
        private List<Object> listed(Map<Object, Object> all, Object schema) {
            Object wanted = schema instanceof Optional<?> optional ? optional.orElse(null) : schema;
            return all.keySet().stream().filter(name -> wanted == null || name.toString().startsWith(wanted + ".")).toList();
        }

        private Map<String, Object> handles(Object table) throws Exception {
            Map<String, Object> found = new LinkedHashMap<>();
            for (Object column : columns(table)) {
                String name = (String) Recorder.call(column, "getName");
                found.put(name, handle(name));
            }
            return found;
        }

        @Override
        public final Object invoke(Object self, Method method, Object[] given) throws Throwable {
            Object own = own(method, given);
            if (own != NOBODYS) {
                return own;
            }
            return switch (method.getName()) {
                case "hashCode" -> System.identityHashCode(self);
                case "equals" -> self == given[0];
                case "toString" -> "made";
                case "listSchemaNames" -> List.copyOf(schemas);
                case "getTableHandle" -> tables.containsKey(given[1]) ? handle(given[1].toString()) : null;
                case "getTableMetadata" -> table(given[1]);
                case "getColumnHandles" -> handles(given[1]);
                case "getColumnMetadata" -> column(given[1], given[2]);
                case "listTables" -> listed(tables, given[1]);
                case "listViews" -> listed(views, given[1]);
                case "listMaterializedViews" -> listed(materialized, given[1]);
                case "getMaterializedViews" -> materialized;
                case "getMaterializedView" -> Optional.ofNullable(materialized.get(given[1]));
                case "getSchemaProperties", "getMaterializedViewProperties", "getViewProperties" -> Map.of();
                case "getMergeRowIdColumnHandle", "getMergeTargetTableRowIdColumnHandle" -> handle(ROW);
                case "getRowChangeParadigm" -> method.getReturnType().getField("DELETE_ROW_AND_INSERT_ROW").get(null);
                case "listRoles", "listEnabledRoles" -> Set.of("role");
                case "listRoleGrants", "listApplicableRoles" -> Set.of();
                default -> byDefault(self, method, given);
            };
        }

        private Object byDefault(Object self, Method method, Object[] given) throws Throwable {
            String name = method.getName();
            if (method.getReturnType() != void.class && name.startsWith("begin")) {
                throw new UnsupportedOperationException(NO_ROWS);
            }
            if (method.getReturnType() != void.class || name.matches("beginQuery|cleanupQuery|validateScan|doMetadataUpdateCleanup")) {
                return InvocationHandler.invokeDefault(self, method, given);
            }
            if (!frozen) {
                change(name, given);
            }
            return null;
        }
    }

    static final Object NOBODYS = new Object();

    private static Map<Object, Object> sorted() {
        return new TreeMap<>(Comparator.comparing(Object::toString));
    }

    // ---- proxies

    static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(Oracle.class.getClassLoader(), new Class<?>[] {type}, handler));
    }

    // A connector over one catalog; more: what it answers besides.
    static <T> T connector(Class<T> type, Object metadata, Object control, Object transaction, List<?> properties, Map<String, Object> more) {
        return proxy(type, (self, method, given) -> {
            if (more.containsKey(method.getName())) {
                return more.get(method.getName());
            }
            return switch (method.getName()) {
                case "beginTransaction" -> transaction;
                case "getMetadata" -> metadata;
                case "getAccessControl" -> control;
                case "getSplitManager", "getPageSourceProvider", "getPageSinkProvider" -> unused(method.getReturnType());
                case "hashCode" -> System.identityHashCode(self);
                case "equals" -> self == given[0];
                case "toString" -> "made";
                default -> method.getName().endsWith("Properties") ? properties : InvocationHandler.invokeDefault(self, method, given);
            };
        });
    }

    // Of what it takes to run queries; they are not run.
    private static Object unused(Class<?> type) {
        return proxy(type, (self, method, given) -> {
            throw new UnsupportedOperationException(NO_ROWS);
        });
    }

    // Those of an engine that let a statement be more than refused.
    static <T extends Enum<T>> Set<T> capabilities(Class<T> type) {
        return Arrays.stream(type.getEnumConstants()).filter(one -> one.name().matches(".*(CONSTRAINT|COLUMN|MATERIALIZED).*")).collect(Collectors.toSet());
    }

    public static void doNothing() { }

    // The body of a procedure.
    static MethodHandle nothing() {
        try {
            return MethodHandles.lookup().unreflect(Oracle.class.getMethod("doNothing"));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    // ---- the program

    private void setUp(String file) throws Exception {
        for (String statement : Files.readString(Path.of(file)).split("\0")) {
            String[] parts = statement.split("\u0001", 3);
            wire().run(OWNER, parts[0], parts[1], parts[2], Optional.empty());
        }
        frozen = true;
        recorder.take();
    }

    private Map<String, Object> ask(String question) {
        Map<String, Object> answer = new LinkedHashMap<>();
        String[] parts = question.split("\u0001", 4);
        Optional<String> prepared = Optional.of(parts).filter(all -> all.length > 3).map(all -> all[3]);
        try {
            if (prepared.isPresent() || runs(parts[2])) {
                wire().run(USER, parts[0], parts[1], parts[2], prepared);
            } else {
                analyze(parts[0], parts[1], parts[2], answer);
            }
        } catch (Throwable e) {
            // What wants its rows, or to write some, was analysed before.
            if (!String.valueOf(e.getMessage()).contains(NO_ROWS)) {
                answer.putAll(Recorder.error(e));
            }
        }
        answer.put("checks", recorder.take());
        return answer;
    }

    // Makes one over catalogs of these names.
    interface Maker {
        Oracle make(List<String> catalogs) throws Exception;
    }

    static void main(String[] arguments, Maker maker) {
        PrintStream out = System.out;
        System.setOut(System.err);
        Logger.getLogger("").setLevel(Level.OFF);
        try {
            List<String> given = List.of(arguments);
            Oracle oracle = maker.make(given.subList(1, given.size()));
            oracle.setUp(given.get(0));
            InputStream in = new BufferedInputStream(System.in);
            for (String question = Recorder.next(in); question != null; question = Recorder.next(in)) {
                out.println(Recorder.json(oracle.ask(question)));
                out.flush();
            }
            System.exit(0);
        } catch (Throwable e) {
            e.printStackTrace();
            System.exit(1);
        }
    }
}
