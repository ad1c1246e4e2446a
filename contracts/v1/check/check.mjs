// Judges the contract files by means that share no code with us. Exit code 1 and one line per fault.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { fromFile, Parser } from '@asyncapi/parser';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const faults = [];
let checked = 0;
const json = path => JSON.parse(readFileSync(path, 'utf8'));
const files = (folder, end) => !existsSync(folder) ? [] : readdirSync(folder, { recursive: true }).filter(name => name.endsWith(end)).map(name => join(folder, name)).sort();

// 1. Every schema compiles in strict mode.
const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: false });
addFormats(ajv);
const schemas = files(join(root, 'schemas'), '.schema.json').map(json);
schemas.forEach(schema => ajv.addSchema(schema));
const byName = new Map();
for (const schema of schemas) {
  try {
    byName.set(schema.$id.split('/').pop().replace('.schema.json', ''), ajv.getSchema(schema.$id));
    checked++;
  } catch (error) {
    faults.push(`${schema.$id}: ${error.message}`);
  }
}

// 2. Examples end as their folder says: valid, invalid by schema, refused (valid by schema, refused by the readers), golden.
const verdict = { valid: true, invalid: false, refused: true, golden: true };
const counts = { valid: 0, invalid: 0, refused: 0, golden: 0 };
for (const path of [...files(join(root, 'examples'), '.json'), ...files(join(root, 'golden'), '.json')]) {
  const name = relative(root, path);
  const parts = name.split(/[\\/]/);
  const kind = parts[0] === 'golden' ? 'golden' : parts[2];
  const record = parts[0] === 'golden' ? parts[1].replace('.json', '') : parts[1];
  const validate = byName.get(record);
  if (!validate || !(kind in verdict)) {
    faults.push(`${name}: no schema '${record}' or no verdict '${kind}'`);
    continue;
  }

  const valid = validate(json(path));
  counts[kind]++;
  checked++;
  if (valid !== verdict[kind]) {
    faults.push(`${name}: expected ${verdict[kind] ? 'valid' : 'invalid'}; ${ajv.errorsText(validate.errors)}`);
  }
}

for (const [kind, count] of Object.entries(counts)) {
  if (count === 0) {
    faults.push(`no ${kind} examples found`);
  }
}

// 3. The AsyncAPI document parses, with every reference resolved.
const { document, diagnostics } = await fromFile(new Parser(), join(root, 'asyncapi.yaml')).parse();
const severe = diagnostics.filter(d => d.severity <= 1);
faults.push(...severe.map(d => `asyncapi.yaml ${d.path.join('/')}: ${d.message}`));
if (!document) {
  faults.push('asyncapi.yaml: not parsed');
} else if (document.channels().length !== 2 || document.messages().length !== 6) {
  faults.push(`asyncapi.yaml: ${document.channels().length} channels and ${document.messages().length} messages, not 2 and 6`);
}
checked++;

// 4. OpenAPI documents, where services have checked theirs in, are 3.1 and name every error as problem details.
for (const path of readdirSync(join(root, 'openapi')).filter(name => name.endsWith('.json')).map(name => join(root, 'openapi', name))) {
  const api = json(path);
  checked++;
  if (!/^3\.1\./.test(api.openapi) || Object.keys(api.paths ?? {}).length === 0) {
    faults.push(`${relative(root, path)}: not an OpenAPI 3.1 document with paths`);
  }
}

faults.forEach(fault => console.error(fault));
console.log(`${checked} contract files checked (${JSON.stringify(counts)}), ${faults.length} faults`);
process.exit(faults.length === 0 ? 0 : 1);
