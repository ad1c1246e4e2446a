// Writes one CycloneDX 1.6 document per program: what its packages.lock.json resolves, with hash, licence and who needs what.
// The same commit gives the same bytes: no time of day, no random serial number, nothing from the network.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

const cache = process.env.NUGET_PACKAGES ?? join(homedir(), '.nuget', 'packages');
const skipped = new Set(['bin', 'obj', 'node_modules']);
const text = file => readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
const one = (xml, pattern) => xml.match(pattern)?.[1]?.trim();
const byName = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

function* projects(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !skipped.has(entry.name)) yield* projects(path);
    else if (entry.name.endsWith('.csproj')) yield path;
  }
}

// What has a Program.cs is a program.
const programs = ['services', 'deploy'].flatMap(folder => [...projects(folder)]).filter(project => existsSync(join(dirname(project), 'Program.cs')));

/** What the package says of itself. */
function nuspecOf(id, version) {
  const file = join(cache, id.toLowerCase(), version.toLowerCase(), `${id.toLowerCase()}.nuspec`);
  if (!existsSync(file)) throw new Error(`${id} ${version} is not in ${cache}: restore first (dotnet restore), so that its licence can be read.`);
  return text(file);
}

/** The licence as the package states it: an SPDX expression, its own file, or an address; undefined where it states none. */
function licence(nuspec) {
  const expression = one(nuspec, /<license\s+type="expression"[^>]*>([^<]+)</);
  if (expression) return [/[\s()]/.test(expression) ? { expression } : { license: { id: expression } }];
  const url = one(nuspec, /<licenseUrl>([^<]+)</);
  const inside = one(nuspec, /<license\s+type="file"[^>]*>([^<]+)</);
  if (inside) return [{ license: { name: `in the package: ${inside}` } }];
  return url ? [{ license: { name: 'by address', url } }] : undefined;
}

/** All that the lock file resolves, over every target of it (net10.0, net10.0/linux-x64). */
function resolved(lock) {
  const all = new Map();
  for (const target of Object.keys(lock.dependencies).sort(byName))
    for (const [id, entry] of Object.entries(lock.dependencies[target])) all.set(id.toLowerCase(), { id, ...all.get(id.toLowerCase()), ...entry });
  return [...all.values()].sort((a, b) => byName(a.id, b.id));
}

function bill(project, version) {
  const lock = JSON.parse(text(join(dirname(project), 'packages.lock.json')));
  const name = project.split('/').at(-1).replace(/\.csproj$/, '');
  const entries = resolved(lock);
  const ref = entry => (entry.type === 'Project' ? `project:${entry.id.toLowerCase()}` : `pkg:nuget/${entry.id}@${entry.resolved}`);
  const refs = new Map(entries.map(entry => [entry.id.toLowerCase(), ref(entry)]));
  const needs = names => [...new Set(names.map(id => refs.get(id.toLowerCase())).filter(Boolean))].sort(byName);
  const components = entries.map(entry => {
    if (entry.type === 'Project') return { type: 'library', 'bom-ref': ref(entry), name: entry.id, version };
    const nuspec = nuspecOf(entry.id, entry.resolved);
    return {
      type: 'library', 'bom-ref': ref(entry), name: entry.id, version: entry.resolved,
      // An analyzer is used when the program is built, and not shipped with it.
      scope: /<developmentDependency>\s*true/i.test(nuspec) ? 'excluded' : 'required',
      hashes: [{ alg: 'SHA-512', content: Buffer.from(entry.contentHash, 'base64').toString('hex') }],
      licenses: licence(nuspec), purl: ref(entry),
    };
  });
  // Not in the lock file: it is the machine's, and its patches are too.
  const framework = { type: 'framework', 'bom-ref': 'framework:Microsoft.AspNetCore.App', name: 'Microsoft.AspNetCore.App', version: '10.0', description: 'Installed on the machine; its patch level is the operator\'s.' };
  const document = {
    bomFormat: 'CycloneDX', specVersion: '1.6', version: 1,
    metadata: { component: { type: 'application', 'bom-ref': `program:${name}`, name, version } },
    components: [...components, framework],
    dependencies: [
      { ref: `program:${name}`, dependsOn: [...needs(entries.filter(e => e.type === 'Direct' || e.type === 'Project').map(e => e.id)), framework['bom-ref']] },
      ...entries.map(entry => ({ ref: ref(entry), dependsOn: needs(Object.keys(entry.dependencies ?? {})) })),
    ],
  };
  const digest = createHash('sha256').update(JSON.stringify(document)).digest('hex');
  const serial = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
  return { bomFormat: document.bomFormat, specVersion: document.specVersion, serialNumber: `urn:uuid:${serial}`, ...document };
}

const folder = process.argv[2];
const version = one(text('Directory.Build.props'), /<Version>([^<]+)</);
mkdirSync(folder, { recursive: true });
for (const project of programs) {
  const document = bill(project, version);
  const name = document.metadata.component.name;
  writeFileSync(join(folder, `${name}.cdx.json`), JSON.stringify(document, null, 2) + '\n');
  console.log(`${name}: ${document.components.length} components`);
}
