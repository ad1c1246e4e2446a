using GridServices.Testing;

namespace GridServices.EndToEnd.Tests.Deploy;

/// <summary>A service as the files of deploy/ name it.</summary>
/// <param name="Name">Of its store, its unit and its image.</param>
/// <param name="Title">Of its project.</param>
/// <param name="Port">Its own; null: it listens on none.</param>
internal sealed record DeployedService(string Name, string Title, int? Port)
{
    public static readonly IReadOnlyList<DeployedService> All =
    [
        new("envelope-hub", "EnvelopeHub", 5100),
        new("openadr", "OpenAdr", 5110),
        new("ieee2030-5", "Ieee2030Dot5", 5120),
        new("tariffs", "Tariffs", 5130),
        new("frequency-response", "FrequencyResponse", 5140),
        new("operations", "Operations", 5150),
        new("adapters", "Adapters", null),
    ];

    public string Assembly => $"GridServices.{Title}.Service.dll";

    /// <summary>Where it was built with these tests.</summary>
    public string Built => RepositoryFiles.Path("services", Title, $"GridServices.{Title}.Service", "bin", Configuration, "net10.0");

    public static string Folder(params string[] parts) => RepositoryFiles.Path(["deploy", .. parts]);

    public static DeployedService Get(string name) => All.Single(service => service.Name == name);

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Parent!.Name;
}
