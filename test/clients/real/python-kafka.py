"""kafka-python (a client of its own, in Python alone) behind the line protocol of process-client.ts."""

import time

import kafka
from json_lines import bytes_of, serve, text_of
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewPartitions, NewTopic
from kafka.codec import has_lz4, has_snappy, has_zstd

READ_LIMIT_SECONDS = 20
LARGEST_MESSAGE = 20_000_000


class Calls:
    def __init__(self, bootstrap):
        self.bootstrap = bootstrap
        self.producers = {}
        self._admin = None
        self._consumer = None

    @property
    def admin(self):
        if self._admin is None:
            self._admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        return self._admin

    def traits(self):
        has = {"snappy": has_snappy(), "lz4": has_lz4(), "zstd": has_zstd()}
        return {
            "name": f"kafka-python {kafka.__version__}",
            "codecs": ["none", "gzip"] + [codec for codec, there in has.items() if there],
            "headers": True,
            "headerOrder": True,
            "binaryHeaders": True,
            "nullHeaders": False,
            "timestamps": True,
            "choosesPartition": True,
            # It refuses a record whose key and value are both null.
            "nulls": False,
            "admin": True,
            "deletesRecords": False,
            "idempotence": False,
            "lingers": False,
        }

    def _producer(self, codec, acks):
        if (codec, acks) not in self.producers:
            self.producers[(codec, acks)] = KafkaProducer(
                bootstrap_servers=self.bootstrap,
                compression_type=None if codec == "none" else codec,
                acks="all" if acks == -1 else acks,
                max_request_size=LARGEST_MESSAGE,
                linger_ms=5,
                buffer_memory=64_000_000,
            )
        return self.producers[(codec, acks)]

    def produce(self, topic, records, codec="none", acks=-1, idempotent=False):
        producer = self._producer(codec, acks)
        sent = [
            producer.send(
                topic,
                key=bytes_of(record["key"]),
                value=bytes_of(record["value"]),
                headers=[(name, bytes_of(value)) for name, value in record["headers"]],
                partition=record["partition"],
                timestamp_ms=record.get("timestampMs"),
            )
            for record in records
        ]
        producer.flush(30)
        places = [one.get(30) for one in sent]
        if acks == 0:
            return []
        return [{"partition": place.partition, "offset": place.offset} for place in places]

    @property
    def consumer(self):
        if self._consumer is None:
            self._consumer = KafkaConsumer(
                bootstrap_servers=self.bootstrap,
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="none",
                check_crcs=True,
                max_partition_fetch_bytes=LARGEST_MESSAGE,
                fetch_max_bytes=LARGEST_MESSAGE,
            )
        return self._consumer

    def read(self, topic, partition, offset, count):
        self.consumer.assign([TopicPartition(topic, partition)])
        self.consumer.seek(TopicPartition(topic, partition), offset)
        found = []
        deadline = time.monotonic() + READ_LIMIT_SECONDS
        while len(found) < count:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{topic}-{partition}: {len(found)} of {count} read")
            for records in self.consumer.poll(timeout_ms=500).values():
                for record in records:
                    found.append({
                        "offset": record.offset,
                        "partition": partition,
                        "key": text_of(record.key),
                        "value": text_of(record.value),
                        "headers": [[n, text_of(v)] for n, v in record.headers],
                        "timestampMs": record.timestamp,
                    })
        return found[:count]

    def offsetAt(self, topic, partition, at):
        place = TopicPartition(topic, partition)
        if at == "earliest":
            return self.consumer.beginning_offsets([place])[place]
        if at != "latest":
            found = self.consumer.offsets_for_times({place: at})[place]
            if found is not None:
                return found.offset
        return self.consumer.end_offsets([place])[place]

    def createTopic(self, topic, partitions, config):
        self.admin.create_topics([NewTopic(topic, partitions, 1, topic_configs=config)])

    def deleteTopic(self, topic):
        self.admin.delete_topics([topic])

    def partitionCount(self, topic):
        known = [t for t in self.admin.describe_topics() if t["topic"] == topic]
        return len(known[0]["partitions"]) if known else None

    def createPartitions(self, topic, count):
        self.admin.create_partitions({topic: NewPartitions(count)})

    def topicConfig(self, topic, key):
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, configs={key: None})
        answer = self.admin.describe_configs([resource])[0]
        return {entry[0]: entry[1] for entry in answer.resources[0][4]}[key]

    def alterTopicConfig(self, topic, key, value):
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, configs={key: value})
        answer = self.admin.alter_configs([resource])
        error = answer.resources[0]
        if error[0] != 0:
            raise RuntimeError(f"{error[1]} ({error[0]})")


serve(Calls)
