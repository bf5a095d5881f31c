import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;

/** Reads a JSON array of names, then patterns, one JSON string a line. Prints for each pattern the names
 *  that the library which Kafka uses lets it match, or what is wrong with it. */
public class Patterns {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        String[] names = JSON.readValue(in.readLine(), String[].class);
        for (String line = in.readLine(); line != null; line = in.readLine())
            System.out.println(JSON.writeValueAsString(answer(JSON.readValue(line, String.class), names)));
    }

    private static Object answer(String text, String[] names) {
        try {
            Pattern pattern = Pattern.compile(text);
            List<String> matched = new ArrayList<>();
            for (String name : names) if (pattern.matcher(name).matches()) matched.add(name);
            return matched;
        } catch (PatternSyntaxException error) {
            return error.getDescription();
        }
    }
}
