// SPDX-License-Identifier: Apache-2.0
//
// Random statements out of an engine's own grammar, as its parser carries it:
// java -cp 'parser jars' GrammarWalk.java SEED
//
// Each line on stdin is a count; so many statements are printed, one a line, its
// tokens between spaces: a keyword or sign as it is written, or @NAME of a token
// that has many spellings. Roads that were taken seldom are taken rather. What
// the parser checks beside its grammar is not looked at: some are refused.
//
// Works with Trino's and prestodb's parser, whichever is on the class path.

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.antlr.v4.runtime.Parser;
import org.antlr.v4.runtime.Vocabulary;
import org.antlr.v4.runtime.atn.ATN;
import org.antlr.v4.runtime.atn.ATNState;
import org.antlr.v4.runtime.atn.AtomTransition;
import org.antlr.v4.runtime.atn.RuleStopState;
import org.antlr.v4.runtime.atn.RuleTransition;
import org.antlr.v4.runtime.atn.Transition;
import org.antlr.v4.runtime.misc.IntervalSet;

public class GrammarWalk {
    private static final int FAR = 1_000_000;
    private static final String[] PARSERS = {
            "io.trino.grammar.sql.SqlBaseParser", "io.trino.sql.parser.SqlBaseParser", "com.facebook.presto.sql.parser.SqlBaseParser"};
    private static final int PLAIN_QUERY = 4; // of ten statements, how many are one

    private final ATN atn;
    private final Vocabulary words;
    private final int statement;
    private final int[] toEnd; // of a state: tokens to the end of its rule, at least
    private final int[][] taken; // of a state's transition: how often
    private final Random random;
    private final List<String> tokens = new ArrayList<>();
    private int budget;

    private GrammarWalk(long seed) throws Exception {
        Class<?> type = parserClass();
        atn = (ATN) type.getField("_ATN").get(null);
        words = (Vocabulary) type.getField("VOCABULARY").get(null);
        statement = Arrays.asList((String[]) type.getField("ruleNames").get(null)).indexOf("statement");
        random = new Random(seed);
        toEnd = new int[atn.states.size()];
        taken = new int[atn.states.size()][];
        for (ATNState state : atn.states) {
            taken[state.stateNumber] = new int[state.getNumberOfTransitions()];
        }
        measure();
    }

    private static Class<?> parserClass() throws ClassNotFoundException {
        for (String name : PARSERS) {
            try {
                return Class.forName(name).asSubclass(Parser.class);
            } catch (ClassNotFoundException e) {
                // another one's
            }
        }
        throw new ClassNotFoundException(Arrays.toString(PARSERS));
    }

    private void measure() {
        Arrays.fill(toEnd, FAR);
        boolean changed = true;
        while (changed) {
            changed = false;
            for (ATNState state : atn.states) {
                int least = state instanceof RuleStopState ? 0 : FAR;
                for (int i = 0; least > 0 && i < state.getNumberOfTransitions(); i++) {
                    least = Math.min(least, cost(state.transition(i)));
                }
                changed |= least < toEnd[state.stateNumber];
                toEnd[state.stateNumber] = least;
            }
        }
    }

    private int cost(Transition way) {
        int own = 1;
        if (way instanceof RuleTransition call) {
            return Math.min(FAR, toEnd[call.target.stateNumber] + toEnd[call.followState.stateNumber]);
        }
        if (way.isEpsilon()) {
            own = 0;
        } else if (way instanceof AtomTransition atom && isStrange(atom.label)) {
            own = 9;
        }
        return Math.min(FAR, own + toEnd[way.target.stateNumber]);
    }

    private boolean isStrange(int token) {
        String name = words.getSymbolicName(token);
        return name != null && (name.startsWith("BACKQUOTED") || name.startsWith("DIGIT_"));
    }

    private int choose(ATNState state) {
        int n = state.getNumberOfTransitions();
        double[] weights = new double[n];
        double sum = 0;
        int least = FAR;
        for (int i = 0; i < n; i++) {
            least = Math.min(least, cost(state.transition(i)));
        }
        for (int i = 0; i < n; i++) {
            int more = cost(state.transition(i)) - least;
            if (more < FAR / 2 && (tokens.size() < budget || more == 0)) {
                weights[i] = 1.0 / (1 + more / 2.0) / Math.sqrt(1 + taken[state.stateNumber][i]);
            }
            sum += weights[i];
        }
        double at = random.nextDouble() * sum;
        int chosen = 0;
        while (chosen < n - 1 && (at -= weights[chosen]) >= 0) {
            chosen++;
        }
        return chosen;
    }

    // From a state to the end of its rule; roads along one rule are no recursion.
    private void walk(ATNState state) {
        while (!(state instanceof RuleStopState)) {
            int chosen = state.getNumberOfTransitions() == 1 ? 0 : choose(state);
            Transition way = state.transition(chosen);
            taken[state.stateNumber][chosen]++;
            if (way instanceof RuleTransition call) {
                walk(call.target);
                state = call.followState;
                continue;
            }
            if (!way.isEpsilon()) {
                emit(way.label());
            }
            state = way.target;
        }
    }

    private void emit(IntervalSet labels) {
        int token = labels == null ? 1 : labels.get(random.nextInt(labels.size()));
        String text = words.getLiteralName(token);
        if (text != null) {
            tokens.add(text.substring(1, text.length() - 1));
        } else if (token > 0) {
            tokens.add("@" + words.getSymbolicName(token));
        }
    }

    private String next() {
        ATNState start = atn.ruleToStartState[statement];
        tokens.clear();
        budget = 3 + random.nextInt(30);
        if (random.nextInt(10) < PLAIN_QUERY) {
            while (start.getNumberOfTransitions() == 1) {
                start = start.transition(0).target;
            }
            start = start.transition(0).target;
        }
        walk(start);
        return String.join(" ", tokens);
    }

    public static void main(String[] args) throws Exception {
        GrammarWalk walker = new GrammarWalk(Long.parseLong(args[0]));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            for (int left = Integer.parseInt(line.trim()); left > 0; left--) {
                out.println(walker.next());
            }
            out.flush();
        }
    }
}
