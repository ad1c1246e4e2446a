using System.Globalization;
using System.Text.Json;
using GridServices.Operations.Bulk;
using GridServices.Wire;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Money;

/// <summary>Reads sessions from OCPI charge detail records (2.1.1, 2.2.1, 2.3.0), one at a time as the shell streams them.</summary>
public static class OcpiSessions
{
    /// <summary>kWh by which the sum of the periods may miss the record's total.</summary>
    private const decimal Tolerance = 0.01m;

    public static IEnumerable<SessionRow> Read(IEnumerable<JsonElement> records)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        return records.Select((record, i) => ReadRow(i + 1, record, ids));
    }

    private static SessionRow ReadRow(int number, JsonElement cdr, HashSet<string> ids)
    {
        var faults = new List<BulkFault>();
        void Refuse(string member, string message, bool isWarning = false) => faults.Add(new BulkFault(number, member, string.Empty, message, isWarning));
        if (cdr.ValueKind != JsonValueKind.Object)
        {
            Refuse(string.Empty, "a charge detail record is an object");
            return new SessionRow(number, null, faults.ToValueList());
        }

        var (id, evse) = (ReadText(cdr, "id"), ReadEvse(cdr));
        var (start, end) = (ReadTime(cdr, "start_date_time"), ReadTime(cdr, "end_date_time") ?? ReadTime(cdr, "stop_date_time"));
        if (id is null || !ids.Add(id))
        {
            Refuse("id", id is null ? "is missing" : $"'{id}' is in the file twice: the same energy would be billed twice");
        }

        if (start is null || end is null || end <= start)
        {
            Refuse("start_date_time", "the record needs a start and a later end (stop_date_time in 2.1.1)");
        }

        if (evse is null)
        {
            Refuse("cdr_location", "names no EVSE (evse_uid, evse_id or location.evses)");
        }

        if (cdr.TryGetProperty("credit", out var credit) && credit.ValueKind == JsonValueKind.True)
        {
            Refuse("credit", "is a credit: leave it out together with the record that it credits");
        }

        var parts = faults.Count == 0 ? ReadParts(cdr, start!.Value, end!.Value, Refuse) : [];
        return parts.Count == 0
            ? new SessionRow(number, null, faults.ToValueList())
            : new SessionRow(number, new ChargingSession { Id = id!, Evse = evse!, Parts = parts.ToValueList(), Paid = ReadCost(cdr), Currency = ReadText(cdr, "currency")?.ToUpperInvariant(), User = ReadUser(cdr) }, faults.ToValueList());
    }

    private static List<SessionPart> ReadParts(JsonElement cdr, Instant start, Instant end, Action<string, string, bool> refuse)
    {
        var periods = cdr.TryGetProperty("charging_periods", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().ToList() : [];
        var starts = periods.Select(p => ReadTime(p, "start_date_time")).ToList();
        var energies = periods.Select(ReadEnergy).ToList();
        var total = ReadNumber(cdr, "total_energy");
        if (starts.Exists(s => s is null || s < start || s > end) || starts.Zip(starts.Skip(1)).Any(p => p.First > p.Second) || energies.Exists(e => e < 0) || total < 0)
        {
            refuse("charging_periods", "are within the session, in order, and no energy is below 0", false);
            return [];
        }

        var parts = periods.Select((_, i) => new SessionPart(starts[i]!.Value, i + 1 < starts.Count ? starts[i + 1]!.Value : end, energies[i] ?? 0)).Where(p => p.Kwh > 0 && p.From < p.Until).ToList();
        var sum = parts.Sum(p => p.Kwh);
        if (total is null && energies.TrueForAll(e => e is null))
        {
            refuse("total_energy", "is missing, and no charging period tells its ENERGY", false);
            return [];
        }

        // Without a total what the periods tell is what was sold, also where one of them has no length.
        var whole = total ?? energies.Sum(e => e ?? 0);
        if (sum == 0 || Math.Abs(whole - sum) > Tolerance)
        {
            // The record's total is what was sold; where its periods say something else, when it flowed is not known.
            refuse("total_energy", sum == 0 ? "no charging period tells its ENERGY: the energy is spread evenly over the session" : string.Create(CultureInfo.InvariantCulture, $"is {whole} kWh and the charging periods sum to {sum}: the total is spread evenly over the session"), true);
            return [new SessionPart(start, end, whole)];
        }

        return parts;
    }

    private static string? ReadEvse(JsonElement cdr)
    {
        var place = cdr.TryGetProperty("cdr_location", out var own) ? own : cdr.TryGetProperty("location", out var old) ? old : default;
        if (place.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        return ReadText(place, "evse_uid") ?? ReadText(place, "evse_id")
            ?? (place.TryGetProperty("evses", out var evses) && evses.ValueKind == JsonValueKind.Array ? evses.EnumerateArray().Select(e => ReadText(e, "uid") ?? ReadText(e, "evse_id")).FirstOrDefault() : null);
    }

    /// <summary>The contract, else the card (2.2 on); in 2.1.1 the id of the authorization.</summary>
    private static string? ReadUser(JsonElement cdr) =>
        cdr.TryGetProperty("cdr_token", out var token) ? ReadText(token, "contract_id") ?? ReadText(token, "uid") : ReadText(cdr, "auth_id");

    private static decimal? ReadEnergy(JsonElement period) =>
        period.ValueKind == JsonValueKind.Object && period.TryGetProperty("dimensions", out var dimensions) && dimensions.ValueKind == JsonValueKind.Array
            ? dimensions.EnumerateArray().Where(d => ReadText(d, "type") == "ENERGY").Select(d => ReadNumber(d, "volume")).FirstOrDefault(v => v is not null)
            : null;

    private static decimal? ReadCost(JsonElement cdr) =>
        cdr.TryGetProperty("total_cost", out var cost) && cost.ValueKind == JsonValueKind.Object ? ReadNumber(cost, "excl_vat") ?? ReadNumber(cost, "before_taxes") : ReadNumber(cdr, "total_cost");

    private static string? ReadText(JsonElement holder, string name) =>
        holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= 100 } text ? text : null;

    private static decimal? ReadNumber(JsonElement holder, string name) =>
        holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) ? number : null;

    /// <summary>OCPI: RFC 3339, UTC where it says nothing.</summary>
    private static Instant? ReadTime(JsonElement holder, string name)
    {
        if (ReadText(holder, name) is not { } text)
        {
            return null;
        }

        return OffsetDateTimePattern.ExtendedIso.Parse(text) is { Success: true } exact ? exact.Value.ToInstant()
            : LocalDateTimePattern.ExtendedIso.Parse(text) is { Success: true } utc ? utc.Value.InUtc().ToInstant()
            : null;
    }
}
