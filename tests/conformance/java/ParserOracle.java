// SPDX-License-Identifier: Apache-2.0
//
// The engine's own parser as a program: java -cp 'parser jars' ParserOracle.java
//
//   accept   statements on stdin, each ended by a NUL byte; per statement a line
//            "ok", or "error LINE COLUMN MESSAGE"
//   bench FILE
//            FILE holds statements likewise; each line on stdin asks for one
//            pass over them, answered by a line of microseconds of the thread's
//            CPU time, one number a statement. Every text is made distinct by a comment.
//
// Works with Trino's and prestodb's parser, whichever is on the class path.

import java.io.ByteArrayOutputStream;
import java.io.BufferedReader;
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
import java.util.List;

public class ParserOracle {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private final Object parser;
    private final Method create;
    private final Object options; // prestodb only

    private ParserOracle() throws Exception {
        Class<?> type;
        Object wanted = null;
        try {
            type = Class.forName("io.trino.sql.parser.SqlParser");
        } catch (ClassNotFoundException e) {
            type = Class.forName("com.facebook.presto.sql.parser.SqlParser");
            wanted = prestoOptions();
        }
        parser = type.getConstructor().newInstance();
        options = wanted;
        create = wanted == null
                ? type.getMethod("createStatement", String.class)
                : type.getMethod("createStatement", String.class, wanted.getClass());
    }

    // As the server does by default: decimal literals are read, not refused.
    @SuppressWarnings({"unchecked", "rawtypes"})
    private static Object prestoOptions() throws Exception {
        String name = "com.facebook.presto.sql.parser.ParsingOptions";
        Class treatment = Class.forName(name + "$DecimalLiteralTreatment");
        return Class.forName(name).getConstructor(treatment).newInstance(Enum.valueOf(treatment, "AS_DECIMAL"));
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
        } catch (StackOverflowError e) {
            return "error 0 0 stack overflow";
        } catch (Throwable e) {
            String text = String.valueOf(e.getMessage()).replace('\n', ' ').replace('\r', ' ');
            return "error " + number(e, "getLineNumber") + " " + number(e, "getColumnNumber") + " " + text;
        }
    }

    private static String number(Throwable e, String method) {
        try {
            return String.valueOf(e.getClass().getMethod(method).invoke(e));
        } catch (ReflectiveOperationException none) {
            return "0";
        }
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

    private static byte[] readAll(InputStream in) throws Exception {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        in.transferTo(all);
        return all.toByteArray();
    }

    private void bench(List<String> statements, PrintStream out) throws Throwable {
        BufferedReader asked = new BufferedReader(new InputStreamReader(System.in));
        long serial = 0;
        while (asked.readLine() != null) {
            StringBuilder line = new StringBuilder();
            for (String statement : statements) {
                String text = "/* " + serial++ + " */ " + statement;
                long start = THREADS.getCurrentThreadCpuTime();
                parse(text);
                line.append(' ').append((THREADS.getCurrentThreadCpuTime() - start) / 1000.0);
            }
            out.println(line.substring(1));
            out.flush();
        }
    }

    public static void main(String[] args) throws Throwable {
        ParserOracle oracle = new ParserOracle();
        PrintStream out = new PrintStream(System.out, false, "UTF-8");
        if (args[0].equals("bench")) {
            oracle.bench(split(Files.readAllBytes(Path.of(args[1]))), out);
            return;
        }
        for (String statement : split(readAll(System.in))) {
            out.println(oracle.judge(statement));
        }
        out.flush();
    }
}
