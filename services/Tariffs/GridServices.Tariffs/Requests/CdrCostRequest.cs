using System.Collections.Immutable;
using System.Text.Json;
using GridServices.Contracts;

namespace GridServices.Tariffs;

/// <summary>The cost of an OCPI charge detail record.</summary>
public sealed record CdrCostRequest(OcpiTariff Tariff, OcpiSession Session, bool IsCredit);

/// <summary>
/// Reads <c>{"tariff":{…},"cdr":{…},"timeZone":"Europe/Amsterdam"}</c>: OCPI 2.1.1, 2.2.1 or 2.3.0 as they stand. Without a tariff the ones
/// inside the CDR count; of several (<c>tariffs</c>) the first that is valid at the session's start.
/// </summary>
public static class CdrCostRequestJson
{
    public static ReadOutcome<CdrCostRequest> Read(ReadOnlyMemory<byte> json, Func<string, ReadOnlyMemory<byte>?>? known = null) =>
        RequestDocument.Read(json, (root, problems) => Whole(root, problems, known));

    private static CdrCostRequest? Whole(JsonMember root, ReadProblems problems, Func<string, ReadOnlyMemory<byte>?>? known)
    {
        if (SettlementRequestJson.ZoneOf(root, problems) is not { } zone)
        {
            return null;
        }

        if (root.Member("cdr") is not { IsObject: true } cdr)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, "/cdr", "missing: the charge detail record as OCPI has it");
            return null;
        }

        var session = Taken(OcpiJson.ReadCdr(Bytes(cdr), zone), cdr.Pointer, problems);
        if (root.Member("tariffId") is { } named)
        {
            var stored = known?.Invoke(named.Text());
            if (stored is null)
            {
                problems.Refuse(ErrorClass.UnknownId, named.Pointer, $"there is no OCPI tariff '{JsonGuard.Shown(named.Text())}'; put it with ?format=ocpi first, or give it as tariff");
                return null;
            }

            var tariff = Taken(OcpiJson.ReadTariff(stored.Value), named.Pointer, problems);
            return tariff is null || session is null ? null : new CdrCostRequest(tariff, session, cdr.Member("credit")?.Flag() == true);
        }

        ImmutableArray<JsonMember> given = root.Member("tariff") is { } one ? [one] : (root.Member("tariffs") ?? cdr.Member("tariffs"))?.Items() ?? [];
        var tariffs = given.Select(t => Taken(OcpiJson.ReadTariff(Bytes(t)), t.Pointer, problems)).OfType<OcpiTariff>().ToArray();
        if (session is null || problems.Any)
        {
            return null;
        }

        if (OcpiTariff.Governing(tariffs, session.Start) is not { } governing)
        {
            problems.Refuse(ErrorClass.SemanticReference, "/tariff", "no tariff is given that is valid when the session starts; give tariff, tariffs, or a CDR that carries its own");
            return null;
        }

        return new CdrCostRequest(governing, session, cdr.Member("credit")?.Flag() == true);
    }

    private static byte[] Bytes(JsonMember part) => JsonSerializer.SerializeToUtf8Bytes(part.Raw);

    private static T? Taken<T>(ReadOutcome<T> read, string pointer, ReadProblems problems)
        where T : class
    {
        foreach (var refusal in read.Refusals)
        {
            problems.Refuse(refusal.Class, pointer + refusal.Path.TrimEnd('/'), refusal.Detail);
        }

        foreach (var warning in read.Warnings)
        {
            problems.Warn(warning.Class, pointer + warning.Path.TrimEnd('/'), warning.Detail);
        }

        return read.Ok ? read.Value : null;
    }
}
