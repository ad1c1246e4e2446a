using System.Text.Json;
using System.Text.RegularExpressions;

namespace GridServices.Architecture.Tests;

/// <summary>
/// Where a thing is follows from its name: namespace = folder, file = type, folders of a project in one direction. What does not hold yet is
/// counted per project in rooms.json, and the counts only shrink: lower a number when the test says so. None may go above the ceiling.
/// </summary>
public sealed partial class RoomsSayWhereYouAre
{
    private static readonly Dictionary<string, Debt> Recorded = JsonSerializer.Deserialize<Dictionary<string, Debt>>(
        Repository.Read("tests/GridServices.Architecture.Tests/rooms.json"), JsonSerializerOptions.Web)!;

    public static TheoryData<string> Products => [.. Repository.Projects
        .Where(p => p.Folder.StartsWith("services/", StringComparison.Ordinal) || p.Folder.StartsWith("contracts/", StringComparison.Ordinal) || p.Folder.StartsWith("deploy/", StringComparison.Ordinal))
        .Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(Products))]
    public void What_does_not_say_where_it_is_becomes_less(string project)
    {
        var rooms = Room.Load(Repository.Projects.Single(p => p.Name == project));
        var found = new Debt(rooms.StrayNamespaces(project).Count, rooms.StrayTypes().Count, rooms.Circles().Sum(c => c.Count));
        var recorded = Recorded.GetValueOrDefault(project, new Debt(0, 0, 0));

        Assert.True(found.Exceeds(recorded) is null, $"{project}: {found.Exceeds(recorded)}; recorded is {recorded}.\n{rooms.Explain(project)}");
        Assert.True(found == recorded, $"{project} is better than recorded: write {JsonSerializer.Serialize(found, JsonSerializerOptions.Web)} into rooms.json (recorded is {recorded}).");
    }

    [Fact]
    public void Nobody_raises_what_is_recorded()
    {
        var sum = new Debt(Recorded.Values.Sum(d => d.Namespaces), Recorded.Values.Sum(d => d.Types), Recorded.Values.Sum(d => d.Circles));
        Assert.True(sum.Exceeds(Ceiling) is null, $"rooms.json records {sum}, above {Ceiling}: put the new types where the folders need them, and lower the ceiling with each count.");
    }

    // The sums over all projects on the day that this was written; only ever lowered.
    private static readonly Debt Ceiling = new(Namespaces: 89, Types: 0, Circles: 91);

    /// <summary>Files whose namespace is not their folder, types (of two or more in a file) that the file is not named after, folders that need each other.</summary>
    private sealed record Debt(int Namespaces, int Types, int Circles)
    {
        public string? Exceeds(Debt recorded) =>
            Namespaces > recorded.Namespaces ? $"{Namespaces} files are in another namespace than their folder's"
            : Types > recorded.Types ? $"{Types} types are in a file that is named after none of its types"
            : Circles > recorded.Circles ? $"{Circles} folders need each other in circles" : null;
    }

    // Small records of one kind, a file for all of them: what goes over a wire together.
    private static readonly string[] Families = ["Messages", "Views", "Bodies", "Responses", "Readers", "Converters"];

    /// <summary>The source files of one project, with what they declare and mention.</summary>
    private sealed partial class Room(IReadOnlyList<Source> sources)
    {
        public static Room Load(ProjectFile project) => new([.. Repository.Files("*.cs")
            .Where(f => f.StartsWith(project.Folder + "/", StringComparison.Ordinal))
            .Select(f => Source.Load(f, project.Folder))]);

        public IReadOnlyList<Source> StrayNamespaces(string project) =>
            [.. sources.Where(s => s.Namespace is { } space && space != (s.Folder.Length == 0 ? project : $"{project}.{s.Folder.Replace('/', '.')}"))];

        public IReadOnlyList<string> StrayTypes() =>
            [.. sources.Where(s => s.Types.Count > 0 && !s.IsPage && !s.Types.Contains(s.Name) && !Families.Any(f => s.Name.EndsWith(f, StringComparison.Ordinal))).SelectMany(s => s.Types.Select(t => $"{t} in {s.Folder}/{s.Name}.cs"))];

        /// <summary>Folders that reach each other by the types that they mention.</summary>
        public IReadOnlyList<IReadOnlyList<string>> Circles()
        {
            var homes = sources.SelectMany(s => s.Types.Select(t => (Type: t, s.Folder))).GroupBy(h => h.Type)
                .Where(g => g.Select(h => h.Folder).Distinct().Count() == 1).ToDictionary(g => g.Key, g => g.First().Folder);
            var needs = sources.GroupBy(s => s.Folder).ToDictionary(
                g => g.Key, g => g.SelectMany(s => s.Mentions).Where(homes.ContainsKey).Select(t => homes[t]).Where(f => f.Length > 0 && f != g.Key).ToHashSet());
            var reach = needs.Keys.ToDictionary(f => f, f => Reach(needs, f));
            return [.. needs.Keys.Where(f => f.Length > 0 && reach[f].Contains(f)).GroupBy(f => string.Join(',', reach[f].Where(o => reach[o].Contains(f)).Order(StringComparer.Ordinal)))
                .Select(g => (IReadOnlyList<string>)[.. g])];
        }

        public string Explain(string project) => string.Join('\n',
            StrayNamespaces(project).Select(s => $"  {s.Folder}/{s.Name}.cs is in {s.Namespace}").Concat(StrayTypes().Select(t => "  " + t)).Concat(Circles().Select(c => "  circle: " + string.Join(" <-> ", c))));

        private static HashSet<string> Reach(Dictionary<string, HashSet<string>> needs, string from)
        {
            var seen = new HashSet<string>();
            var open = new Stack<string>(needs[from]);
            while (open.TryPop(out var next))
            {
                if (seen.Add(next) && needs.TryGetValue(next, out var more))
                {
                    foreach (var folder in more)
                    {
                        open.Push(folder);
                    }
                }
            }

            return seen;
        }
    }

    // IsPage: behind a page, whose file is named by its address.
    private sealed partial record Source(string Folder, string Name, bool IsPage, string? Namespace, IReadOnlyList<string> Types, IReadOnlySet<string> Mentions)
    {
        public static Source Load(string file, string project)
        {
            var text = string.Join('\n', Repository.Read(file).Split('\n').Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal)));
            return new Source(
                Path.GetDirectoryName(file[(project.Length + 1)..])!.Replace('\\', '/'),
                Path.GetFileNameWithoutExtension(file).Split('.')[0],
                file.EndsWith(".cshtml.cs", StringComparison.Ordinal) || File.Exists(Path.Combine(Repository.Root, Path.GetDirectoryName(file)!, Path.GetFileName(file).Split('.')[0] + ".cshtml")),
                Space().Match(text) is { Success: true } space ? space.Groups["name"].Value : null,
                [.. Declared().Matches(text).Select(m => m.Groups["name"].Value)],
                Words().Matches(text).Select(m => m.Value).ToHashSet());
        }

        [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
        private static partial Regex Space();

        [GeneratedRegex(@"^(?:(?:public|internal|file|static|sealed|abstract|readonly|partial|ref|unsafe) )*(?:class|record struct|record|struct|enum|interface|delegate [\w<>?,\[\]. ]+?) (?<name>\w+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
        private static partial Regex Declared();

        [GeneratedRegex(@"\b[A-Z]\w+", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
        private static partial Regex Words();
    }
}
