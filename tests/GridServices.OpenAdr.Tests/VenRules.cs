namespace GridServices.OpenAdr.Tests;

/// <summary>
/// The rules of the OpenADR 2.0b Profile Specification 1.1, section 11.2, that speak of a VEN. Numbers that are not here are the VTN's alone, or were
/// never given out.
/// </summary>
internal static class VenRules
{
    /// <summary>Times, formats, transport, polls and security.</summary>
    private static readonly int[] Line = [1, 37, 45, 46, 51, 53, 67, 68, 500, 501, 502, 509, 510, 511, 512, 514, 515, 516, 517];

    private static readonly int[] Registration = [21, 305, 309, 400, 401, 402, 403, 404, 405, 406, 407];

    private static readonly int[] Events =
    [
        2, 3, 6, 8, 12, 13, 14, 15, 18, 19, 22, 29, 30, 31, 32, 33, 35, 36, 42, 43, 47, 48, 50, 56, 57, 58, 59, 60, 61, 62, 65, 66,
        101, 102, 103, 106, 107, 108, 109, 110, 111, 112, 114, 115, 116,
    ];

    private static readonly int[] Opts = [200, 202, 203, 204, 206, 208, 209, 210, 211];

    private static readonly int[] Reports =
    [
        301, 304, 306, 307, 308, 311, 312, 313, 314, 315, 316, 317, 318, 324, 325, 328, 329, 331, 333, 334, 335, 336, 337, 338, 340, 342, 344, 345, 346,
    ];

    public static IReadOnlyList<int> All { get; } = [.. Line, .. Registration, .. Events, .. Opts, .. Reports];
}
