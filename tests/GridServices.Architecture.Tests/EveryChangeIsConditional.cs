using System.Text.Json;
using System.Text.RegularExpressions;

namespace GridServices.Architecture.Tests;

/// <summary>Every PUT and DELETE takes If-Match, or is on the list of docs/api/README.md with its reason; and what is compared can be read.</summary>
public sealed partial class EveryChangeIsConditional
{
    private static readonly IReadOnlyList<Operation> Operations = [.. Read()];

    [Fact]
    public void What_takes_no_If_Match_is_listed_with_its_reason()
    {
        var page = Repository.Read("docs/api/README.md").Split("### PUT and DELETE without If-Match")[1];
        var listed = Row().Matches(page).Select(row => row.Groups["name"].Value).Order(StringComparer.Ordinal);
        var without = Operations.Where(o => o.Method is "put" or "delete" && !o.TakesIfMatch).Select(o => o.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        Assert.Equal(listed, without);
    }

    [Fact]
    public void What_takes_If_Match_refuses_with_412() =>
        Assert.DoesNotContain(Operations, o => o.TakesIfMatch && !o.Answer.Contains("412"));

    [Fact]
    public void Whoever_changes_a_thing_under_its_ETag_can_read_the_ETag_of_that_thing()
    {
        var read = Operations.Where(o => o.Method == "get" && o.GivesETag).Select(o => (o.Service, o.Path)).ToHashSet();
        var blind = Operations.Where(o => o.TakesIfMatch && !o.GivesETag && !Above(o.Path).Any(path => read.Contains((o.Service, path))));
        Assert.NotEmpty(read);
        Assert.Empty(blind.Select(o => $"{o.Service} {o.Method} {o.Path}"));
    }

    /// <summary>A part's ETag may be that of the whole.</summary>
    private static IEnumerable<string> Above(string path)
    {
        for (; path.Length > 0; path = path[..path.LastIndexOf('/')])
        {
            yield return path;
        }
    }

    private static IEnumerable<Operation> Read()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "contracts", "v1", "openapi"), "*.json"))
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (var path in document.RootElement.GetProperty("paths").EnumerateObject())
            {
                foreach (var operation in path.Value.EnumerateObject().Where(o => o.Value.ValueKind == JsonValueKind.Object))
                {
                    yield return Operation.From(Path.GetFileNameWithoutExtension(file), path.Name, operation);
                }
            }
        }
    }

    private sealed record Operation(string Service, string Path, string Method, string Name, bool TakesIfMatch, bool GivesETag, IReadOnlySet<string> Answer)
    {
        public static Operation From(string service, string path, JsonProperty operation)
        {
            var answers = operation.Value.GetProperty("responses").EnumerateObject().ToList();
            return new Operation(
                service,
                path,
                operation.Name,
                operation.Value.GetProperty("operationId").GetString()!,
                operation.Value.TryGetProperty("parameters", out var parameters) && parameters.EnumerateArray().Any(p => p.TryGetProperty("name", out var name) && name.ValueEquals("If-Match")),
                answers.Any(a => a.Value.TryGetProperty("headers", out var headers) && headers.TryGetProperty("ETag", out _)),
                answers.Select(a => a.Name).ToHashSet(StringComparer.Ordinal));
        }
    }

    [GeneratedRegex(@"^\| `(?<name>\w+)` \| [^|]+ \| [^|]+ \|$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Row();
}
