using GridServices.Contracts;
using NodaTime;

namespace GridServices.Tariffs.Readers;

/// <summary>IANA time zones by name.</summary>
internal static class ZoneNames
{
    /// <summary>What to say of a zone that there is not.</summary>
    public static string Unknown(string written) =>
        $"'{SafeText.Short(written)}' is no IANA time zone; {(Spelling.Nearest(written, DateTimeZoneProviders.Tzdb.Ids) is { } near ? $"did you mean {near}?" : "write e.g. Europe/Berlin or America/Los_Angeles")}";
}
