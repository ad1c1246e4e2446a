using System.Collections.Frozen;

namespace GridServices.Operations.Programs;

/// <summary>The templates that come with this version; tenants may upload others.</summary>
public static class TemplateCatalog
{
    private const string Folder = "Templates/";

    private static readonly FrozenDictionary<string, IReadOnlyList<ProgramTemplate>> ByCode = Load();

    /// <summary>The newest version of each, by code.</summary>
    public static IReadOnlyList<ProgramTemplate> All { get; } = [.. ByCode.Values.Select(versions => versions[0]).OrderBy(t => t.Code, StringComparer.Ordinal)];

    /// <summary>The newest version; null: not among the ones that come with this version.</summary>
    public static ProgramTemplate? Find(string code) => Versions(code) is [var newest, ..] ? newest : null;

    /// <summary>Every version, the newest first: enrollments stay with the one that they were made under.</summary>
    public static IReadOnlyList<ProgramTemplate> Versions(string code) => ByCode.GetValueOrDefault(code) ?? [];

    private static FrozenDictionary<string, IReadOnlyList<ProgramTemplate>> Load()
    {
        var assembly = typeof(TemplateCatalog).Assembly;
        var templates = new List<ProgramTemplate>();
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Folder, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var json = new byte[stream.Length];
            stream.ReadExactly(json);
            var outcome = TemplateReader.Read(json);
            var template = outcome.Template ?? throw new InvalidOperationException($"{name}: {string.Join("; ", outcome.Refusals)}");
            templates.Add(template);
        }

        return templates.GroupBy(t => t.Code, StringComparer.Ordinal).ToFrozenDictionary(
            g => g.Key, g => (IReadOnlyList<ProgramTemplate>)[.. g.ToDictionary(t => t.Version).Values.OrderByDescending(t => t.Version)], StringComparer.Ordinal);
    }
}
