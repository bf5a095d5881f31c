import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Kafka's own consumers behind the line protocol of groups/member-process.ts, a thread for each. The
 * argument is the protocol (classic, consumer) of members whose options do not name one.
 */
class Members {
  static final ObjectMapper JSON = new ObjectMapper();
  static final PrintStream OUT = System.out;

  public static void main(String[] args) throws Exception {
    System.setOut(System.err);
    Map<String, Member> members = new ConcurrentHashMap<>();
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonNode request = JSON.readTree(line);
      JsonNode asked = request.get("arguments");
      String name = asked.get("member").asText();
      String call = request.get("call").asText();
      if (call.equals("open")) members.put(name, new Member(name, args[0], asked));
      members.get(name).ask(call, asked).whenComplete((nothing, error) -> answer(request.get("id"), error));
    }
    System.exit(0);
  }

  static void answer(JsonNode id, Throwable error) {
    ObjectNode line = JSON.createObjectNode();
    line.set("id", id);
    if (error == null) line.putNull("result");
    else line.put("error", error.toString());
    write(line);
  }

  static synchronized void write(ObjectNode line) {
    OUT.println(line);
    OUT.flush();
  }
}

/** One consumer and the thread that it lives in. */
class Member implements ConsumerRebalanceListener, Runnable {
  private record Command(String call, JsonNode asked, CompletableFuture<Void> done) {}

  private final String name;
  private final JsonNode options;
  private final String commits;
  private final boolean isClassic;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final ConcurrentLinkedQueue<Command> commands = new ConcurrentLinkedQueue<>();
  private final Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
  private volatile boolean isOpen = true;

  Member(String name, String protocol, JsonNode asked) {
    this.name = name;
    options = asked.get("options");
    commits = options.get("commits").asText();
    isClassic = options.path("protocol").asText(protocol).equals("classic");
    consumer = new KafkaConsumer<>(settings(asked.get("bootstrap").asText()),
        new ByteArrayDeserializer(), new ByteArrayDeserializer());
    Thread thread = new Thread(this, name);
    thread.setDaemon(true);
    thread.start();
  }

  CompletableFuture<Void> ask(String call, JsonNode asked) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    if (!isOpen && !call.equals("open")) done.complete(null);
    else commands.add(new Command(call, asked, done));
    return done;
  }

  private Properties settings(String bootstrap) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("group.id", options.get("groupId").asText());
    settings.put("group.protocol", isClassic ? "classic" : "consumer");
    settings.put("enable.auto.commit", commits.equals("automatic"));
    settings.put("auto.commit.interval.ms", 50);
    settings.put("auto.offset.reset", options.get("reset").asText());
    settings.put("fetch.max.wait.ms", 50);
    settings.put("metadata.max.age.ms", 500);
    settings.put("reconnect.backoff.max.ms", 200);
    if (options.has("instanceId")) settings.put("group.instance.id", options.get("instanceId").asText());
    if (isClassic) {
      boolean isCooperative = options.path("cooperative").asBoolean();
      String assignor = isCooperative ? "CooperativeStickyAssignor" : "RangeAssignor";
      settings.put("partition.assignment.strategy", "org.apache.kafka.clients.consumer." + assignor);
      settings.put("session.timeout.ms", options.path("sessionTimeoutMs").asInt(10_000));
      settings.put("heartbeat.interval.ms", 200);
    }
    return settings;
  }

  @Override
  public void run() {
    try {
      subscribe();
      while (isOpen) {
        for (Command command = commands.poll(); command != null; command = commands.poll()) carryOut(command);
        if (isOpen) take();
      }
    } catch (Exception error) {
      isOpen = false;
      ObjectNode event = event("failed");
      event.put("error", error.toString());
      tell(event);
      consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
      for (Command command = commands.poll(); command != null; command = commands.poll()) command.done.complete(null);
    }
  }

  private void subscribe() {
    List<String> topics = new ArrayList<>();
    options.get("topics").forEach(topic -> topics.add(topic.asText()));
    String first = topics.get(0);
    if (!first.startsWith("^")) consumer.subscribe(topics, this);
    else if (isClassic) consumer.subscribe(Pattern.compile(first), this);
    else consumer.subscribe(new SubscriptionPattern(first), this);
  }

  private void carryOut(Command command) {
    JsonNode asked = command.asked;
    try {
      switch (command.call) {
        case "open" -> {}
        case "commit" -> commit();
        case "pause" -> consumer.pause(List.of(placeOf(asked)));
        case "resume" -> consumer.resume(List.of(placeOf(asked)));
        case "seek" -> consumer.seek(placeOf(asked), asked.get("offset").asLong());
        case "close" -> {
          consumer.close();
          isOpen = false;
        }
        default -> throw new IllegalArgumentException(command.call);
      }
      command.done.complete(null);
    } catch (Exception error) {
      command.done.completeExceptionally(error);
    }
  }

  private void take() {
    ObjectNode event = event("records");
    ArrayNode records = event.putArray("records");
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(20))) {
      records.add(lineOf(record));
      positions.put(new TopicPartition(record.topic(), record.partition()), new OffsetAndMetadata(record.offset() + 1));
    }
    if (records.isEmpty()) return;
    tell(event);
    if (commits.equals("always")) commit();
  }

  private void commit() {
    if (positions.isEmpty()) return;
    consumer.commitSync(positions);
    ObjectNode event = event("committed");
    ArrayNode offsets = event.putArray("offsets");
    positions.forEach((place, at) -> offsets.addArray().add(place.topic()).add(place.partition()).add(at.offset()));
    tell(event);
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> places) {
    tellOf("assigned", places);
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> places) {
    places.forEach(positions::remove);
    tellOf("revoked", places);
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> places) {
    places.forEach(positions::remove);
    tellOf("lost", places);
  }

  private void tellOf(String type, Collection<TopicPartition> places) {
    if (places.isEmpty()) return;
    ObjectNode event = event(type);
    ArrayNode list = event.putArray("places");
    places.forEach(place -> list.addArray().add(place.topic()).add(place.partition()));
    tell(event);
  }

  /** Its time is that of the machine's monotonic clock. */
  private static ObjectNode event(String type) {
    ObjectNode event = Members.JSON.createObjectNode();
    event.put("type", type);
    event.put("atMs", System.nanoTime() / 1e6);
    return event;
  }

  private void tell(ObjectNode event) {
    ObjectNode line = Members.JSON.createObjectNode();
    line.put("member", name);
    line.set("event", event);
    Members.write(line);
  }

  private static TopicPartition placeOf(JsonNode asked) {
    return new TopicPartition(asked.get("topic").asText(), asked.get("partition").asInt());
  }

  private static ObjectNode lineOf(ConsumerRecord<byte[], byte[]> record) {
    ObjectNode line = Members.JSON.createObjectNode();
    line.put("topic", record.topic());
    line.put("partition", record.partition());
    line.put("offset", record.offset());
    line.put("key", textOf(record.key()));
    line.put("value", textOf(record.value()));
    ArrayNode headers = line.putArray("headers");
    for (Header header : record.headers()) headers.addArray().add(header.key()).add(textOf(header.value()));
    return line;
  }

  private static String textOf(byte[] bytes) {
    return bytes == null ? null : Base64.getEncoder().encodeToString(bytes);
  }
}
