using System.Collections.Frozen;

namespace GridServices.Operations;

/// <summary>The templates that come with this version; tenants may upload others.</summary>
public static class TemplateCatalog
{
    private const string Folder = "Templates/";

    private static readonly FrozenDictionary<string, ProgramTemplate> ByCode = Load();

    /// <summary>By code.</summary>
    public static IReadOnlyList<ProgramTemplate> All { get; } = [.. ByCode.Values.OrderBy(t => t.Code, StringComparer.Ordinal)];

    /// <summary>Null: not among the ones that come with this version.</summary>
    public static ProgramTemplate? Find(string code) => ByCode.GetValueOrDefault(code);

    private static FrozenDictionary<string, ProgramTemplate> Load()
    {
        var assembly = typeof(TemplateCatalog).Assembly;
        var templates = new Dictionary<string, ProgramTemplate>(StringComparer.Ordinal);
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Folder, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var json = new byte[stream.Length];
            stream.ReadExactly(json);
            var outcome = TemplateReader.Read(json);
            var template = outcome.Template ?? throw new InvalidOperationException($"{name}: {string.Join("; ", outcome.Refusals)}");
            templates.Add(template.Code, template);
        }

        return templates.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
