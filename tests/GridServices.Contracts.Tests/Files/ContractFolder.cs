using System.Text.Json;

namespace GridServices.Contracts.Tests.Files;

/// <summary>The checked-in files of contract v1.</summary>
internal static class ContractFolder
{
    private static readonly string Root = Find();

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    public static JsonElement Schema(string name) => JsonDocument.Parse(File.ReadAllBytes(Path("schemas", $"{name}.schema.json"))).RootElement;

    /// <summary>Record, kind (valid, invalid, refused) and path of every example.</summary>
    public static IReadOnlyList<(string Record, string Kind, string File)> Examples { get; } =
    [
        .. Directory.EnumerateFiles(Path("examples"), "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(file =>
        {
            var kind = Directory.GetParent(file)!;
            return (kind.Parent!.Name, kind.Name, file);
        }),
    ];

    public static IReadOnlyList<string> Golden { get; } = [.. Directory.EnumerateFiles(Path("golden"), "*.json").Order(StringComparer.Ordinal)];

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = System.IO.Path.Combine(folder.FullName, "contracts", "v1");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        throw new DirectoryNotFoundException("contracts/v1 is not above the test's folder; run the tests inside the repository.");
    }
}
