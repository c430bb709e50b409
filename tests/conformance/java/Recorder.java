// SPDX-License-Identifier: Apache-2.0
//
// What an engine asks of its access control, written down.
//
// Knows no engine: access controls are proxies of whichever interface they are
// asked to be, and names are read by the getters that both engines have. All is
// allowed; who asks is answered with what was asked (filters), nothing (row
// filters, masks) or yes.

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

final class Recorder {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);
    private static final Map<String, String[]> NAMES = Map.of(
            "CatalogSchemaTableName", new String[] {"getCatalogName", "getSchemaTableName"},
            "QualifiedObjectName", new String[] {"getCatalogName", "getSchemaName", "getObjectName"},
            "CatalogSchemaName", new String[] {"getCatalogName", "getSchemaName"},
            "CatalogSchemaRoutineName", new String[] {"getCatalogName", "getSchemaName", "getRoutineName"},
            "SchemaTableName", new String[] {"getSchemaName", "getTableName"},
            "SchemaRoutineName", new String[] {"getSchemaName", "getRoutineName"},
            "EntityKindAndName", new String[] {"entityKind", "name"});
    private final List<Map<String, Object>> checks = new ArrayList<>();
    private final Set<String> askedOfAll = new HashSet<>();

    // An access control that allows all; of a catalog's own, or of all of them.
    // What all of them are asked is not written down a second time.
    <T> T accessControl(Class<T> type, Optional<String> catalog) {
        if (catalog.isEmpty()) {
            List.of(type.getMethods()).forEach(method -> askedOfAll.add(method.getName()));
        }
        InvocationHandler handler = (self, method, arguments) -> {
            String name = method.getName();
            if (method.getDeclaringClass() == Object.class) {
                return name.equals("toString") ? "recorder" : name.equals("hashCode") ? 1 : (Object) (self == arguments[0]);
            }
            boolean once = catalog.isEmpty() || name.contains("Role") || !askedOfAll.contains(name);
            if (name.matches("(checkCan|can).*") && once) {
                record(name, catalog, arguments);
            }
            return answer(self, method, arguments);
        };
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static Object answer(Object self, Method method, Object[] arguments) throws Throwable {
        Class<?> type = method.getReturnType();
        if (type == void.class) {
            return null;
        }
        if (type == boolean.class) {
            return true;
        }
        if (method.getName().startsWith("filter")) {
            return arguments[arguments.length - 1];
        }
        if (type == List.class || type == Iterable.class) {
            return List.of();
        }
        if (type == Map.class) {
            return Map.of();
        }
        if (type == Optional.class) {
            return Optional.empty();
        }
        return InvocationHandler.invokeDefault(self, method, arguments);
    }

    private synchronized void record(String name, Optional<String> catalog, Object[] arguments) throws Exception {
        Map<String, Object> check = new LinkedHashMap<>();
        check.put("check", name.replaceFirst("^(checkCan|can)", ""));
        List<Object> plain = new ArrayList<>();
        catalog.ifPresent(plain::add);
        for (Object argument : arguments) {
            Optional<String> user = user(argument);
            if (argument instanceof Optional<?> none && none.isEmpty()) {
                continue;
            }
            if (user.isPresent()) {
                check.put("user", user.get());
            } else if (!argument.getClass().getSimpleName().matches(".*(Context|TransactionHandle|TransactionId|QueryId)")) {
                plain.add(plain(argument));
            }
        }
        check.put("of", plain);
        if (!checks.contains(check)) {
            checks.add(check);
        }
    }

    private static Optional<String> user(Object object) throws Exception {
        String kind = object.getClass().getSimpleName();
        return switch (kind) {
            case "Identity", "ConnectorIdentity" -> Optional.of((String) call(object, "getUser"));
            case "SystemSecurityContext", "ConnectorSecurityContext", "SecurityContext" -> user(call(object, "getIdentity"));
            default -> Optional.empty();
        };
    }

    // Names become lists of their parts, properties the list of their names.
    static Object plain(Object object) throws Exception {
        if (object == null || object instanceof String || object instanceof Boolean) {
            return object;
        }
        if (object instanceof Optional<?> optional) {
            return optional.isEmpty() ? null : plain(optional.get());
        }
        if (object instanceof Map<?, ?> map) {
            return plain(map.keySet());
        }
        if (object instanceof List<?> list) {
            List<Object> plain = new ArrayList<>();
            for (Object element : list) {
                plain.add(plain(element));
            }
            return plain;
        }
        if (object instanceof Collection<?> collection) {
            Map<String, Object> sorted = new TreeMap<>();
            for (Object element : collection) {
                Object plain = plain(element);
                sorted.put(String.valueOf(plain), plain);
            }
            return List.copyOf(sorted.values());
        }
        String[] getters = NAMES.get(object.getClass().getSimpleName());
        if (getters == null) {
            return object.toString();
        }
        List<Object> parts = new ArrayList<>();
        for (String getter : getters) {
            Object part = plain(call(object, getter));
            if (part instanceof Collection<?> several) {
                parts.addAll(several);
            } else {
                parts.add(part);
            }
        }
        return parts;
    }

    static Object call(Object object, String method) throws Exception {
        Method found = object.getClass().getMethod(method);
        found.setAccessible(true);
        return found.invoke(object);
    }

    // {table: columns} as a list that sorts and prints.
    static List<Object> references(Map<?, ? extends Map<?, ? extends Collection<?>>> all, String identity) throws Exception {
        List<Object> found = new ArrayList<>();
        for (Map.Entry<?, ? extends Map<?, ? extends Collection<?>>> whose : all.entrySet()) {
            Object user = user(call(whose.getKey(), identity)).orElseThrow();
            for (Map.Entry<?, ? extends Collection<?>> table : whose.getValue().entrySet()) {
                found.add(List.of(user, plain(table.getKey()), new TreeSet<Object>(table.getValue())));
            }
        }
        return found;
    }

    synchronized List<Map<String, Object>> take() {
        List<Map<String, Object>> taken = List.copyOf(checks);
        checks.clear();
        return taken;
    }

    static String json(Object object) throws Exception {
        return JSON.writeValueAsString(object);
    }

    static Map<?, ?> parse(String json) throws Exception {
        return JSON.readValue(json, Map.class);
    }

    static Map<String, Object> error(Throwable thrown) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("type", thrown.getClass().getSimpleName());
        error.put("text", String.valueOf(thrown.getMessage()));
        return Map.of("error", error);
    }

    // The next text that a NUL ends, or null.
    static String next(InputStream in) throws Exception {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        int one = in.read();
        for (; one > 0; one = in.read()) {
            text.write(one);
        }
        return one < 0 ? null : text.toString(StandardCharsets.UTF_8);
    }
}
