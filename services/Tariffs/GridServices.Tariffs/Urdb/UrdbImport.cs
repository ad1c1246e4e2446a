using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Readers;

namespace GridServices.Tariffs.Urdb;

/// <summary>What the OpenEI rate database does not say.</summary>
public sealed record UrdbOptions
{
    /// <summary>What is taken, with a warning, where nothing names a zone.</summary>
    public const string NoZone = "Etc/UTC";

    /// <summary>IANA zone of the utility; a member <c>timezone</c> in the document wins. The database's own records have none: without either, times of use are in UTC, with a warning.</summary>
    public string? TimeZone { get; init; }

    public string Currency { get; init; } = "USD";

    /// <summary>A fixed charge per day counts days, or 365/12 every month as NREL's SAM does.</summary>
    public FixedPer FixedDayRule { get; init; } = FixedPer.Day;

    /// <summary>Whether lookback fields become ratchets. The database's lookback fields do not always agree with the tariff sheet.</summary>
    public bool Ratchets { get; init; } = true;
}

/// <summary>
/// OpenEI URDB v7 and v8 JSON into the tariff model: the answer of the API (<c>{"items":[…]}</c>) or one rate. Members it does not
/// know are left out, with a warning where one looks like a known one written wrong; members it knows are read strictly. Rates whose periods have unequal tiers are as good as any.
/// </summary>
public static class UrdbImport
{
    public static ReadResult<Tariff> Read(ReadOnlyMemory<byte> json, UrdbOptions? options = null)
    {
        var read = ReadProblems.Read(json, TariffJson.Bounds, (root, problems) =>
        {
            var rate = Rate(root, problems);
            return problems.Any ? null : new UrdbReader(rate, options ?? new UrdbOptions(), problems).Tariff();
        });
        if (!read.Ok)
        {
            return read;
        }

        var whole = TariffJson.Checked(read.Value!);
        return whole with { Warnings = [.. read.Warnings, .. whole.Warnings] };
    }

    private static JsonMember Rate(JsonMember whole, ReadProblems problems)
    {
        if (!whole.IsObject)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, "/", "a rate is a JSON object, or an object with items");
            return whole;
        }

        if (whole.Member("items") is not { } items)
        {
            return whole;
        }

        var rates = items.Items();
        if (rates.Length != 1)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, "/items", $"{rates.Length} rates stand here; give one at a time");
            return whole;
        }

        return rates[0];
    }
}
