"""confluent-kafka (librdkafka) behind the line protocol of process-client.ts."""

from confluent_kafka import Consumer, Producer, TopicPartition, version
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic
from json_lines import bytes_of, serve, text_of

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
READ_LIMIT_SECONDS = 20
LARGEST_MESSAGE = 20_000_000


class Calls:
    def __init__(self, bootstrap):
        self.common = {"bootstrap.servers": bootstrap, "message.max.bytes": LARGEST_MESSAGE}
        self.admin = AdminClient({"bootstrap.servers": bootstrap})
        self.producers = {}
        self._consumer = None

    def traits(self):
        return {
            "name": f"confluent-kafka {version()[0]} for Python",
            "codecs": CODECS,
            "headers": True,
            "headerOrder": True,
            "binaryHeaders": True,
            "nullHeaders": True,
            "timestamps": True,
            "choosesPartition": True,
            "nulls": True,
            "admin": True,
            "deletesRecords": False,
            "idempotence": True,
            "lingers": False,
        }

    def _producer(self, codec, acks, idempotent):
        wanted = (codec, acks, idempotent)
        if wanted not in self.producers:
            self.producers[wanted] = Producer({
                **self.common,
                "compression.type": codec,
                "acks": acks,
                "enable.idempotence": idempotent,
                "linger.ms": 5,
                "message.timeout.ms": 20_000,
            })
        return self.producers[wanted]

    def produce(self, topic, records, codec="none", acks=-1, idempotent=False):
        producer = self._producer(codec, acks, idempotent)
        places, errors = [None] * len(records), []

        def landed(index):
            def report(error, message):
                if error is not None:
                    errors.append(str(error))
                else:
                    places[index] = {"partition": message.partition(), "offset": message.offset()}
            return report

        for index, record in enumerate(records):
            extra = {"timestamp": record["timestampMs"]} if "timestampMs" in record else {}
            producer.produce(
                topic,
                key=bytes_of(record["key"]),
                value=bytes_of(record["value"]),
                headers=[(name, bytes_of(value)) for name, value in record["headers"]],
                partition=record["partition"],
                on_delivery=landed(index),
                **extra,
            )
        producer.flush(30)
        if errors:
            raise RuntimeError(errors[0])
        return [] if acks == 0 else places

    @property
    def consumer(self):
        if self._consumer is None:
            self._consumer = Consumer({
                "bootstrap.servers": self.common["bootstrap.servers"],
                "group.id": "never-joined",
                "enable.auto.commit": False,
                "fetch.max.bytes": LARGEST_MESSAGE,
                "max.partition.fetch.bytes": LARGEST_MESSAGE,
                "receive.message.max.bytes": 100_000_000,
                "check.crcs": True,
                # A new assignment waits for the answer to the fetch before it.
                "fetch.wait.max.ms": 20,
            })
        return self._consumer

    def read(self, topic, partition, offset, count):
        self.consumer.assign([TopicPartition(topic, partition, offset)])
        found = []
        while len(found) < count:
            batch = self.consumer.consume(min(count - len(found), 1000), timeout=READ_LIMIT_SECONDS)
            if not batch:
                raise RuntimeError(f"{topic}-{partition}: {len(found)} of {count} read")
            for message in batch:
                if message.error() is not None:
                    raise RuntimeError(str(message.error()))
                found.append({
                    "offset": message.offset(),
                    "partition": partition,
                    "key": text_of(message.key()),
                    "value": text_of(message.value()),
                    "headers": [[n, text_of(v)] for n, v in message.headers() or []],
                    "timestampMs": message.timestamp()[1],
                })
        return found

    def offsetAt(self, topic, partition, at):
        place = TopicPartition(topic, partition)
        low, high = self.consumer.get_watermark_offsets(place, timeout=20)
        if at == "earliest":
            return low
        if at == "latest":
            return high
        asked = TopicPartition(topic, partition, at)
        offset = self.consumer.offsets_for_times([asked], timeout=20)[0].offset
        return high if offset < 0 else offset

    def createTopic(self, topic, partitions, config):
        wanted = NewTopic(topic, partitions, 1, config=config)
        self.admin.create_topics([wanted])[topic].result()

    def deleteTopic(self, topic):
        self.admin.delete_topics([topic])[topic].result()

    def partitionCount(self, topic):
        known = self.admin.list_topics(timeout=20).topics.get(topic)
        return None if known is None else len(known.partitions)

    def createPartitions(self, topic, count):
        self.admin.create_partitions([NewPartitions(topic, count)])[topic].result()

    def topicConfig(self, topic, key):
        resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
        return self.admin.describe_configs([resource])[resource].result()[key].value

    def alterTopicConfig(self, topic, key, value):
        resource = ConfigResource(ConfigResource.Type.TOPIC, topic, set_config={key: value})
        self.admin.alter_configs([resource])[resource].result()


serve(Calls)
