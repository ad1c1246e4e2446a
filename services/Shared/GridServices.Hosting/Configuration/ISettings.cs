namespace GridServices.Hosting.Configuration;

/// <summary>
/// A record of settings: one section of the configuration, a key for each of its writable properties, whose initial values are the defaults.
/// The settings tables of docs/operations.md and the appsettings.json of the services are generated from these records.
/// </summary>
public interface ISettings
{
    /// <summary>The section's name; empty: the keys have none.</summary>
    static abstract string Section { get; }

    /// <summary>What can't be meant: a sentence for people each, with the key in it; none where all is well.</summary>
    IEnumerable<string> Validate();
}
