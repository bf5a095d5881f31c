import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.common.runtime.CoordinatorMetadataDelta;
import org.apache.kafka.coordinator.common.runtime.CoordinatorMetadataImage;
import org.apache.kafka.coordinator.group.Utils;

/** Reads sets of topics, one JSON array a line, and prints the hash that Kafka stores for a group which
 *  subscribes to them. */
public class MetadataHashes {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Map<String, Long> hashes = new HashMap<>();
            for (JsonNode node : JSON.readTree(line)) {
                Topic topic = new Topic(node);
                hashes.put(topic.name(), Utils.computeTopicHash(topic.name(), new Image(topic)));
            }
            System.out.println(Utils.computeGroupHash(hashes));
        }
    }

    private record Topic(JsonNode node) implements CoordinatorMetadataImage.TopicMetadata {
        @Override
        public String name() {
            return node.get("name").asText();
        }

        @Override
        public Uuid id() {
            return Uuid.fromString(node.get("id").asText());
        }

        @Override
        public int partitionCount() {
            return node.get("racks").size();
        }

        @Override
        public List<String> partitionRacks(int partition) {
            List<String> racks = new ArrayList<>();
            node.get("racks").get(partition).forEach(rack -> racks.add(rack.asText()));
            return racks;
        }
    }

    private record Image(Topic topic) implements CoordinatorMetadataImage {
        @Override
        public Set<Uuid> topicIds() {
            return Set.of(topic.id());
        }

        @Override
        public Set<String> topicNames() {
            return Set.of(topic.name());
        }

        @Override
        public Optional<TopicMetadata> topicMetadata(String name) {
            return Optional.of(topic);
        }

        @Override
        public Optional<TopicMetadata> topicMetadata(Uuid id) {
            return Optional.of(topic);
        }

        @Override
        public CoordinatorMetadataDelta emptyDelta() {
            return CoordinatorMetadataDelta.EMPTY;
        }

        @Override
        public long version() {
            return 0;
        }

        @Override
        public boolean isEmpty() {
            return false;
        }
    }
}
