namespace GridServices.Fuzzing.Mutations;

/// <summary>Texts at the edges of what numbers, times and names can be.</summary>
internal static class Extremes
{
    public static IReadOnlyList<string> Texts { get; } =
    [
        "", " ", "-1", "0", "1", "-0", "00", "+1", "1.5", "1,5", "0x10", "2147483648", "-2147483649", "4294967296", "9007199254740993", "9223372036854775807", "-9223372036854775808",
        "18446744073709551616", "79228162514264337593543950336", "1e9", "1e400", "-1e400", "1e-400", "1E+28", "0.00000000000000000000000000001", "NaN", "INF", "-INF", "Infinity",
        "true", "false", "null", "P", "PT", "P1Y", "P1M", "-PT1S", "PT0S", "PT99999999999999999999S", "P2147483648D", "PT9223372036854775807S", "P10675199DT2H48M5.4775807S",
        "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "0000-00-00T00:00:00Z", "2027-02-30T00:00:00Z", "2027-13-01T00:00:00Z", "2027-01-01T24:00:00Z", "2027-01-01T00:00:60Z",
        "-9999-01-01T00:00:00Z", "12000-01-01T00:00:00Z", "2027-03-28T02:30:00", "2027-10-31T02:30:00", "2027-01-01", "01.01.2027 00:00", "00:00", "25:00", "Europe/Berlin", "Mars/Base", "Etc/UTC",
        "EUR", "eur", "XXX", "\u202E", "\u0000", "\uFFFD", "\uD83D\uDE00", "é", "𝟙", "--", "]]>", "<![CDATA[]]>", "&#0;", "../../etc/passwd", "http://169.254.169.254/", "' OR 1=1", "=1+1",
        new('A', 300), new('9', 5_000), new('-', 300),
    ];

    public static string Text(RandomSource random) => random.Pick(Texts);
}
