// SPDX-License-Identifier: Apache-2.0
//
// The engine's own parser as a program: java -cp 'parser jars' ParserOracle.java
//
//   accept   statements on stdin, each ended by a NUL byte; per statement a line
//            "ok", or "error LINE COLUMN MESSAGE"
//   outline  likewise; which names, tables, scopes and joins the engine's tree
//            has, as ast_outline.c says it of ours, or "error .." as above
//   bench FILE
//            FILE holds statements likewise; each line on stdin asks for one
//            pass over them, answered by a line of microseconds of the thread's
//            CPU time: those of nothing, which are the clock's, then one number a
//            statement. Every text is made distinct by a comment.
//
// Works with Trino's and prestodb's parser, whichever is on the class path.

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;

public class ParserOracle {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final Map<String, Map<Class<?>, Method>> METHODS = new HashMap<>();
    // Functions with a syntax of their own, of which the engine makes what it likes.
    private static final java.util.Set<String> SPECIAL = java.util.Set.of(
            "concat", "extract", "format", "listagg", "normalize", "overlay", "position", "row", "strpos", "substr", "substring", "trim");
    private final Object parser;
    private final Method create;
    private final Object options; // prestodb, and Trino for some years

    private ParserOracle() throws Exception {
        Class<?> type = parserClass();
        parser = type.getConstructor().newInstance();
        create = createMethod(type);
        options = create.getParameterCount() == 1 ? null : options(create.getParameterTypes()[1]);
    }

    private static Class<?> parserClass() throws Exception {
        try {
            return Class.forName("io.trino.sql.parser.SqlParser");
        } catch (ClassNotFoundException e) {
            return Class.forName("com.facebook.presto.sql.parser.SqlParser");
        }
    }

    // With options where there are any: without, prestodb's reads literals in another way.
    private static Method createMethod(Class<?> type) throws Exception {
        for (Method method : type.getMethods()) {
            if (method.getName().equals("createStatement") && method.getParameterCount() == 2
                    && method.getParameterTypes()[1].getSimpleName().equals("ParsingOptions")) {
                return method;
            }
        }
        return type.getMethod("createStatement", String.class);
    }

    // As the server does by default: decimal literals are read, not refused.
    @SuppressWarnings({"unchecked", "rawtypes"})
    private static Object options(Class<?> type) throws Exception {
        Class treatment = Class.forName(type.getName() + "$DecimalLiteralTreatment");
        return type.getConstructor(treatment).newInstance(Enum.valueOf(treatment, "AS_DECIMAL"));
    }

    private Object parse(String sql) throws Throwable {
        try {
            return options == null ? create.invoke(parser, sql) : create.invoke(parser, sql, options);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private String judge(String sql) {
        try {
            parse(sql);
            return "ok";
        } catch (Throwable e) {
            return error(e);
        }
    }

    private static String error(Throwable e) {
        if (e instanceof StackOverflowError) {
            return "error 0 0 stack overflow";
        }
        String text = String.valueOf(e.getMessage()).replace('\n', ' ').replace('\r', ' ');
        return "error " + number(e, "getLineNumber") + " " + number(e, "getColumnNumber") + " " + text;
    }

    private static String number(Throwable e, String method) {
        try {
            return String.valueOf(e.getClass().getMethod(method).invoke(e));
        } catch (ReflectiveOperationException none) {
            return "0";
        }
    }

    // Sorted items; see ast_outline.c. Types hold no names that matter.
    private String outline(String sql) throws Exception {
        Object tree;
        try {
            tree = parse(sql);
        } catch (Throwable e) {
            return error(e);
        }
        List<String> items = new ArrayList<>();
        collect(tree, items);
        Collections.sort(items);
        return String.join("|", items).replace("\n", "\\n");
    }

    private static void collect(Object node, List<String> items) throws Exception {
        String kind = node.getClass().getSimpleName();
        if (kind.endsWith("DataType") || kind.endsWith("DataTypeParameter")) {
            return;
        }
        switch (kind) {
            case "Identifier" -> items.add("I " + call(node, "getValue") + place(node));
            case "Table" -> items.add("T " + call(node, "getName") + place(node));
            case "QuerySpecification" -> items.add("Q" + place(node));
            case "AliasedRelation" -> items.add("A " + call(call(node, "getAlias"), "getValue"));
            case "MethodCall", "StaticMethodCall" ->
                items.add("I " + call(call(node, "getMethod"), "getValue") + place(call(node, "getMethod")));
            case "Merge" -> {
                Object target = children(node, kind).get(0); // older versions' is without its alias
                Optional<?> alias = (Optional<?>) call(node, "getTargetAlias");
                if (alias.isPresent() && !target.getClass().getSimpleName().equals("AliasedRelation")) {
                    items.add("A " + call(alias.get(), "getValue"));
                }
            }
            case "WithQuery" -> items.add("W " + call(call(node, "getName"), "getValue"));
            case "Join" -> items.add("J " + call(node, "getType"));
            case "AllColumns" -> items.add("*");
            case "FunctionCall" -> {
                String name = call(node, "getName").toString();
                if (!SPECIAL.contains(name.toLowerCase(java.util.Locale.ROOT))) {
                    items.add("F " + name + place(node));
                }
            }
            case "MeasureDefinition", "SubsetDefinition", "VariableDefinition",
                    "JsonPathParameter", "OrdinalityColumn", "ValueColumn", "QueryColumn" ->
                items.add("N " + call(call(node, "getName"), "getValue") + place(call(node, "getName")));
            default -> { }
        }
        if (isStatement(node.getClass()) && !kind.equals("Query") && !kind.equals("Return")) { // RETURN: of a routine
            collectStatement(node, kind, items);
        }
        long before = names(items);
        for (Object child : children(node, kind)) {
            collect(child, items);
        }
        if (kind.equals("LambdaExpression")) {
            items.add("L " + (names(items) - before) + place(node));
        }
    }

    private static long names(List<String> items) {
        return items.stream().filter(item -> item.startsWith("I ") && !item.endsWith("@?")).count();
    }

    // Those of which some versions' getChildren does not tell as well.
    private static List<?> children(Object node, String kind) throws Exception {
        List<Object> children = new ArrayList<>();
        if (call(node, "getChildren") != null) { // null: prestodb's CreateType
            children.addAll((List<?>) call(node, "getChildren"));
        }
        // Names that are made here, or mean something elsewhere.
        if (java.util.Set.of("Property", "CallArgument", "Field").contains(kind)) {
            Object name = call(node, "getName");
            Object first = name instanceof Optional<?> some ? some.orElse(null) : name;
            children.removeIf(child -> child == first);
        }
        if (kind.equals("DescribeOutput") || kind.equals("SetColumnType")) {
            children.removeIf(child -> child.getClass().getSimpleName().equals("Identifier"));
        }
        if (kind.equals("RefreshMaterializedView") && has(node, "getTarget")
                && !children.contains(call(node, "getTarget"))) {
            children.add(call(node, "getTarget"));
        }
        if (kind.equals("ColumnDefinition") && has(node, "getProperties")) {
            for (Object property : (List<?>) call(node, "getProperties")) {
                if (!children.contains(property)) {
                    children.add(property);
                }
            }
        }
        return children;
    }

    private static boolean isStatement(Class<?> type) {
        return type != null && (type.getSimpleName().equals("Statement") || isStatement(type.getSuperclass()));
    }

    // What the statement is, and the names that it gives away by itself.
    private static void collectStatement(Object node, String kind, List<String> items) throws Exception {
        items.add("S " + className(node, kind));
        for (Method getter : node.getClass().getMethods()) {
            if (getter.getParameterCount() == 0 && getter.getReturnType().getSimpleName().equals("QualifiedName")) {
                items.add("O " + getter.invoke(node));
            }
        }
    }

    // Under the name that the newest version has for it.
    private static String className(Object node, String kind) throws Exception {
        return switch (kind) {
            case "SetSchemaAuthorization", "SetTableAuthorization", "SetViewAuthorization" ->
                "SetAuthorizationStatement";
            case "Explain" -> has(node, "isAnalyze") && (Boolean) call(node, "isAnalyze") ? "ExplainAnalyze" : kind;
            default -> kind;
        };
    }

    private static boolean has(Object object, String method) {
        try {
            object.getClass().getMethod(method);
            return true;
        } catch (NoSuchMethodException none) {
            return false;
        }
    }

    private static Object call(Object object, String method) throws Exception {
        Map<Class<?>, Method> known = METHODS.computeIfAbsent(method, name -> new HashMap<>());
        Method found = known.get(object.getClass());
        if (found == null) {
            found = object.getClass().getMethod(method);
            known.put(object.getClass(), found);
        }
        return found.invoke(object);
    }

    // "@?": made up by the engine, written nowhere.
    private static String place(Object node) throws Exception {
        Optional<?> found = (Optional<?>) call(node, "getLocation");
        if (found.isEmpty()) {
            return "@?";
        }
        return "@" + call(found.get(), "getLineNumber") + ":" + call(found.get(), "getColumnNumber");
    }

    private static List<String> split(byte[] bytes) {
        List<String> statements = new ArrayList<>();
        int from = 0;
        for (int at = 0; at < bytes.length; at++) {
            if (bytes[at] == 0) {
                statements.add(new String(bytes, from, at - from, StandardCharsets.UTF_8));
                from = at + 1;
            }
        }
        return statements;
    }

    // The next of the statements, or null: each is answered before the next is read.
    private static String next(InputStream in) throws Exception {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        int one = in.read();
        for (; one > 0; one = in.read()) {
            text.write(one);
        }
        return one < 0 ? null : text.toString(StandardCharsets.UTF_8);
    }

    private void bench(List<String> statements, PrintStream out) throws Throwable {
        BufferedReader asked = new BufferedReader(new InputStreamReader(System.in));
        long serial = 0;
        while (asked.readLine() != null) {
            StringBuilder line = new StringBuilder();
            long start = THREADS.getCurrentThreadCpuTime();
            line.append(' ').append((THREADS.getCurrentThreadCpuTime() - start) / 1000.0);
            for (String statement : statements) {
                String text = "/* " + serial++ + " */ " + statement;
                start = THREADS.getCurrentThreadCpuTime();
                parse(text);
                line.append(' ').append((THREADS.getCurrentThreadCpuTime() - start) / 1000.0);
            }
            out.println(line.substring(1));
            out.flush();
        }
    }

    public static void main(String[] args) throws Throwable {
        Logger.getLogger("").setLevel(Level.OFF); // of errors within the parsers
        ParserOracle oracle = new ParserOracle();
        PrintStream out = new PrintStream(System.out, false, "UTF-8");
        if (args[0].equals("bench")) {
            oracle.bench(split(Files.readAllBytes(Path.of(args[1]))), out);
            return;
        }
        InputStream in = new BufferedInputStream(System.in);
        for (String statement = next(in); statement != null; statement = next(in)) {
            out.println(args[0].equals("outline") ? oracle.outline(statement) : oracle.judge(statement));
            out.flush();
        }
    }
}
