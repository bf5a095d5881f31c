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

export const describeConfigs = api({
  key: 32,
  name: 'DescribeConfigs',
  versions: '1-4',
  flexible: '4+',
  request: {
    resources: field(
      array({
        resourceType: field(int8),
        resourceName: field(string),
        configurationKeys: field(nullable(array(string))),
      }),
    ),
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
            value: field(nullable(string)),
            readOnly: field(bool),
            configSource: field(int8, '0+', -1),
            isSensitive: field(bool),
            synonyms: field(
              array({
                name: field(string),
                value: field(nullable(string)),
                source: field(int8),
              }),
            ),
            configType: field(int8, '3+', 0, ignorable),
            documentation: field(nullable(string), '3+', '', ignorable),
          }),
        ),
      }),
    ),
  },
})
