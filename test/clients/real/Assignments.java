import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.group.api.assignor.ConsumerGroupPartitionAssignor;
import org.apache.kafka.coordinator.group.api.assignor.SubscribedTopicDescriber;
import org.apache.kafka.coordinator.group.api.assignor.SubscriptionType;
import org.apache.kafka.coordinator.group.assignor.RangeAssignor;
import org.apache.kafka.coordinator.group.assignor.UniformAssignor;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMemberValue;
import org.apache.kafka.coordinator.group.modern.Assignment;
import org.apache.kafka.coordinator.group.modern.GroupSpecImpl;
import org.apache.kafka.coordinator.group.modern.MemberSubscriptionAndAssignmentImpl;

/** Reads groups, one JSON object a line, and prints what Kafka's own assignor makes of each. */
public class Assignments {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] args) throws Exception {
        Map<String, ConsumerGroupPartitionAssignor> assignors =
            Map.of("uniform", new UniformAssignor(), "range", new RangeAssignor());
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JsonNode group = JSON.readTree(line);
            System.out.println(assign(assignors.get(group.get("assignor").asText()), group));
        }
    }

    private static ObjectNode assign(ConsumerGroupPartitionAssignor assignor, JsonNode group) {
        Map<String, MemberSubscriptionAndAssignmentImpl> members = new HashMap<>();
        Map<Uuid, Map<Integer, String>> holders = new HashMap<>();
        for (JsonNode member : group.get("members")) {
            String id = member.get("memberId").asText();
            Set<Uuid> topicIds = new LinkedHashSet<>();
            member.get("topicIds").forEach(topic -> topicIds.add(uuid(topic)));
            members.put(id, new MemberSubscriptionAndAssignmentImpl(
                text(member.get("rackId")),
                text(member.get("instanceId")),
                topicIds,
                assignment(id, member.get("assigned"), holders)
            ));
        }
        SubscriptionType type = group.get("isHomogeneous").asBoolean()
            ? SubscriptionType.HOMOGENEOUS : SubscriptionType.HETEROGENEOUS;
        ObjectNode result = JSON.createObjectNode();
        assignor.assign(
            new GroupSpecImpl(Collections.unmodifiableMap(members), type, holders),
            new Topics(group.get("topics"))
        ).members().forEach((id, own) -> {
            ArrayNode topics = result.putArray(id);
            own.partitions().forEach((topicId, partitions) -> {
                ArrayNode topic = topics.addArray().add(topicId.toString());
                ArrayNode indexes = topic.addArray();
                partitions.forEach(indexes::add);
            });
        });
        return result;
    }

    /** The assignment as it is when it comes from its record. */
    private static Assignment assignment(
        String memberId,
        JsonNode topics,
        Map<Uuid, Map<Integer, String>> holders
    ) {
        List<ConsumerGroupTargetAssignmentMemberValue.TopicPartition> stored = new ArrayList<>();
        for (JsonNode topic : topics) {
            List<Integer> partitions = new ArrayList<>();
            topic.get(1).forEach(partition -> partitions.add(partition.asInt()));
            Map<Integer, String> holder =
                holders.computeIfAbsent(uuid(topic.get(0)), id -> new HashMap<>());
            partitions.forEach(partition -> holder.put(partition, memberId));
            stored.add(new ConsumerGroupTargetAssignmentMemberValue.TopicPartition()
                .setTopicId(uuid(topic.get(0)))
                .setPartitions(partitions));
        }
        return Assignment.fromRecord(
            new ConsumerGroupTargetAssignmentMemberValue().setTopicPartitions(stored));
    }

    private static Uuid uuid(JsonNode text) {
        return Uuid.fromString(text.asText());
    }

    private static Optional<String> text(JsonNode node) {
        return node.isNull() ? Optional.empty() : Optional.of(node.asText());
    }

    private record Topics(JsonNode counts) implements SubscribedTopicDescriber {
        @Override
        public int numPartitions(Uuid topicId) {
            JsonNode count = counts.get(topicId.toString());
            return count == null ? -1 : count.asInt();
        }

        @Override
        public Set<String> racksForPartition(Uuid topicId, int partition) {
            return Set.of("rack-" + partition % 3);
        }
    }
}
