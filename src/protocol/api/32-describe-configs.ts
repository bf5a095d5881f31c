import {
  api,
  array,
  bool,
  field,
  ignorable,
  int8,
  int16,
  int32,
  nullable,
  string,
} from '../schema.ts'

/** DescribeConfigs (32): tells the configuration of topics, brokers, groups and client metrics.
 *  v1 adds synonyms and sources (KIP-226) · v3 adds types and documentation (KIP-569) · v4 is
 *  flexible. */
export const describeConfigs = api({
  key: 32,
  name: 'DescribeConfigs',
  versions: '1-4',
  flexible: '4+',
  request: {
    resources: field(
      array({
        /** 2 topic, 4 broker, 8 broker loggers, 16 client metrics, 32 group. */
        resourceType: field(int8),
        resourceName: field(string),
        /** null: all. */
        configurationKeys: field(nullable(array(string))),
      }),
    ),
    /** Also tell every place a value could come from. */
    includeSynonyms: field(bool, '0+', false),
    includeDocumentation: field(bool, '3+', false),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    results: field(
      array({
        errorCode: field(int16),
        errorMessage: field(nullable(string)),
        resourceType: field(int8),
        resourceName: field(string),
        configs: field(
          array({
            name: field(string),
            /** null: sensitive, or not set. */
            value: field(nullable(string)),
            readOnly: field(bool),
            /** 1 topic, 2 broker, 3 all brokers, 4 file, 5 default, 6 broker logger, 7 client
             *  metrics, 8 group. */
            configSource: field(int8, '0+', -1),
            isSensitive: field(bool),
            /** In the order in which they are asked; the first gave the value. */
            synonyms: field(
              array({
                name: field(string),
                value: field(nullable(string)),
                source: field(int8),
              }),
            ),
            /** 1 boolean, 2 string, 3 int, 4 short, 5 long, 6 double, 7 list, 8 class, 9
             *  password. */
            configType: field(int8, '3+', 0, ignorable),
            documentation: field(nullable(string), '3+', '', ignorable),
          }),
        ),
      }),
    ),
  },
})
