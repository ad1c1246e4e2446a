using System.Text.RegularExpressions;

namespace GridServices.Architecture.Tests;

/// <summary>A private field of an instance is _camelCase, as .editorconfig says; where that does not hold yet the count only shrinks.</summary>
public sealed partial class FieldsAreNamedAlike
{
    // Rounded up; only ever lowered, and gone at 0.
    private static readonly Dictionary<string, int> NotYet = new(StringComparer.Ordinal)
    {
        ["GridServices.Adapters.Service"] = 20,
        ["GridServices.Ieee2030Dot5"] = 20,
        ["GridServices.OpenAdr"] = 15,
        ["GridServices.Tariffs"] = 200,
        ["GridServices.Tariffs.Service"] = 25,
    };

    [Fact]
    public void Private_fields_begin_with_an_underscore()
    {
        var plain = (from project in Repository.Projects
                     where !project.Folder.StartsWith("tests/", StringComparison.Ordinal)
                     from path in Repository.Files("*.cs")
                     where path.StartsWith(project.Folder + "/", StringComparison.Ordinal)
                     from Match field in PlainField().Matches(Repository.Read(path))
                     select (project.Name, Field: $"{path}: {field.Groups["name"].Value}")).ToLookup(f => f.Name, f => f.Field, StringComparer.Ordinal);
        Assert.All(plain, project => Assert.True(
            project.Count() <= NotYet.GetValueOrDefault(project.Key), $"{project.Key} has {project.Count()} private fields without an underscore, e.g. {string.Join("; ", project.Take(5))}"));
        Assert.DoesNotContain(NotYet.Keys, name => !plain.Contains(name));
    }

    [GeneratedRegex(@"^    private (?!static|const|sealed|record|class|enum|struct|async|partial|protected|event|delegate|readonly record)[^(=\r\n]*? (?<name>[a-z]\w*)( = [^>].*)?;", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Multiline, 10_000)]
    private static partial Regex PlainField();
}
