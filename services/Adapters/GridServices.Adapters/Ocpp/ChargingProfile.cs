using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Adapters.Schedules;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Adapters.Ocpp;

/// <summary>The versions of OCPP that charging profiles are written for.</summary>
public enum OcppVersion
{
    /// <summary>OCPP 1.6, purpose ChargePointMaxProfile.</summary>
    V16,

    /// <summary>OCPP 2.0.1, purpose ChargingStationMaxProfile.</summary>
    V201,

    /// <summary>OCPP 2.1, purpose ChargingStationMaxProfile.</summary>
    V21,
}

/// <summary>
/// The SetChargingProfile request for a whole station (connector or EVSE 0): absolute, without duration, so that its last period holds until another profile comes.
/// The same id each time: the next one replaces it. An absolute schedule limits nothing before it begins by the station's clock, so it begins a day ago.
/// </summary>
public sealed record ChargingProfile
{
    public required OcppVersion Version { get; init; }

    /// <summary>Nobody else may use it at these stations.</summary>
    public int Id { get; init; } = 1;

    /// <summary>Of profiles of one purpose the one with the highest level holds.</summary>
    public int StackLevel { get; init; }

    /// <summary>The JSON of the ClearChargingProfile request that takes this profile from a station, whatever it allows.</summary>
    public string ClearJson() => new JsonObject { [Version == OcppVersion.V16 ? "id" : "chargingProfileId"] = Id }.ToJsonString();

    /// <summary>The request's JSON.</summary>
    /// <param name="station">Who is told.</param>
    /// <param name="curve">What it may do; its points are at whole seconds.</param>
    /// <param name="validTo">Written in versions 2.0.1 and 2.1, years ahead; null: not written.</param>
    public string Json(ChargingStation station, PowerCurve curve, Instant? validTo = null)
    {
        ArgumentNullException.ThrowIfNull(station);
        ArgumentNullException.ThrowIfNull(curve);
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            var isFirst = Version == OcppVersion.V16;
            json.WriteStartObject();
            json.WriteNumber(isFirst ? "connectorId" : "evseId", 0);
            json.WriteStartObject(isFirst ? "csChargingProfiles" : "chargingProfile");
            json.WriteNumber(isFirst ? "chargingProfileId" : "id", Id);
            json.WriteNumber("stackLevel", StackLevel);
            json.WriteString("chargingProfilePurpose", isFirst ? "ChargePointMaxProfile" : "ChargingStationMaxProfile");
            json.WriteString("chargingProfileKind", "Absolute");
            if (!isFirst && validTo is { } end)
            {
                json.WriteString("validTo", InstantPattern.ExtendedIso.Format(end));
            }

            WriteSchedule(json, station, curve, isFirst);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private void WriteSchedule(Utf8JsonWriter json, ChargingStation station, PowerCurve curve, bool isFirst)
    {
        var start = curve.WrittenFrom;
        if (isFirst)
        {
            json.WriteStartObject("chargingSchedule");
        }
        else
        {
            json.WriteStartArray("chargingSchedule");
            json.WriteStartObject();
            json.WriteNumber("id", Id);
        }

        json.WriteString("startSchedule", InstantPattern.ExtendedIso.Format(start));
        json.WriteString("chargingRateUnit", station.Unit == ChargingRateUnit.A ? "A" : "W");
        json.WriteStartArray("chargingSchedulePeriod");
        for (var i = 0; i < curve.Points.Count; i++)
        {
            var point = curve.Points[i];
            json.WriteStartObject();
            json.WriteNumber("startPeriod", i == 0 ? 0 : (long)(point.From - start).TotalSeconds);
            json.WriteNumber("limit", station.ToLimit(point.Watts));
            json.WriteNumber("numberPhases", station.Phases);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        if (!isFirst)
        {
            json.WriteEndArray();
        }
    }
}
