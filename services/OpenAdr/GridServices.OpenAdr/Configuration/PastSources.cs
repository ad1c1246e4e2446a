namespace GridServices.OpenAdr.Configuration;

/// <summary>Who can be asked for what a VEN does not keep itself of its sites' past.</summary>
[Flags]
public enum PastSources
{
    None = 0,

    /// <summary>The hub, for readings.</summary>
    Hub = 1,

    /// <summary>The Tariffs service, for the interval data of meters.</summary>
    Tariffs = 2,
}
