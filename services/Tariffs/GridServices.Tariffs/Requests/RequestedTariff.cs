using System.Collections.Immutable;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Time;
using GridServices.Tariffs.Urdb;
using GridServices.Wire;

namespace GridServices.Tariffs.Requests;

/// <summary>The tariffs that a request may name by id: all versions, or an empty array where there is none of that id.</summary>
public delegate ImmutableArray<CompiledTariff> KnownTariffs(string tariffId);

/// <summary>The tariff a request carries (<c>tariff</c>), its versions (<c>tariffs</c>), or the stored one it names (<c>tariffId</c>).</summary>
internal sealed class RequestedTariff(JsonMember root, ReadProblems problems, KnownTariffs? known)
{
    private const int MostVersions = 100;
    private static readonly string[] Ways = ["tariff", "tariffs", "tariffId"];

    /// <summary>The versions, or empty with the reason among the problems.</summary>
    public ImmutableArray<CompiledTariff> Versions(JsonMember holder)
    {
        var given = Ways.Where(name => holder.Member(name) is not null).ToArray();
        if (given.Length != 1)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, holder.Pointer, "give one of tariff, tariffs (the versions of one) and tariffId");
            return [];
        }

        if (given[0] == "tariffId")
        {
            return Known(holder.Member("tariffId")!);
        }

        if (holder.Member("tariffs") is { IsArray: true } many && many.Raw.GetArrayLength() > MostVersions)
        {
            problems.Refuse(ErrorClass.LimitCount, many.Pointer, $"at most {MostVersions} versions are read at once; give those that the cycles need");
            return [];
        }

        ImmutableArray<CompiledTariff?> tariffs = given[0] == "tariffs"
            ? [.. holder.Member("tariffs")!.Items().Select(t => Tariff(t, holder))]
            : [Tariff(holder.Member("tariff")!, holder)];
        if (tariffs.IsEmpty)
        {
            problems.Refuse(ErrorClass.SemanticEmpty, $"{holder.Pointer}/tariffs", "give at least one version");
        }

        return tariffs.Any(t => t is null) ? [] : [.. tariffs.OfType<CompiledTariff>()];
    }

    private ImmutableArray<CompiledTariff> Known(JsonMember id)
    {
        var found = known?.Invoke(id.Text()) ?? [];
        if (found.IsEmpty)
        {
            problems.Refuse(ErrorClass.UnknownId, id.Pointer, $"there is no tariff '{SafeText.Short(id.Text())}'; put it first, or give it inline as tariff");
        }

        return found;
    }

    private CompiledTariff? Tariff(JsonMember tariff, JsonMember holder)
    {
        var format = (holder.Member("tariffFormat") ?? root.Member("tariffFormat"))?.Text() ?? "own";
        if (format is not ("own" or "urdb"))
        {
            problems.Refuse(ErrorClass.SemanticCode, $"{holder.Pointer}/tariffFormat", $"'{SafeText.Short(format)}' is not read here; {Spelling.Hint(format, ["own", "urdb"])}");
            return null;
        }

        var bytes = JsonSerializer.SerializeToUtf8Bytes(tariff.Raw);
        var outcome = format == "urdb" ? UrdbImport.Read(bytes, Urdb(holder)) : TariffJson.Read(bytes);
        foreach (var refusal in outcome.Refusals)
        {
            problems.Refuse(refusal.Class, tariff.Pointer + refusal.Path.TrimEnd('/'), refusal.Detail);
        }

        foreach (var warning in outcome.Warnings)
        {
            problems.Warn(warning.Class, tariff.Pointer + warning.Path.TrimEnd('/'), warning.Detail);
        }

        return outcome.Ok ? CompiledTariff.Compile(outcome.Value!) : null;
    }

    private UrdbOptions Urdb(JsonMember holder)
    {
        var options = holder.Member("options") ?? root.Member("options");
        return new UrdbOptions
        {
            TimeZone = (holder.Member("timeZone") ?? root.Member("timeZone"))?.Text(),
            FixedDayRule = options.Enum("fixedDays", FixedPer.Day, problems),
            Ratchets = options?.Member("ratchets")?.IsFalse != true,
        };
    }
}
