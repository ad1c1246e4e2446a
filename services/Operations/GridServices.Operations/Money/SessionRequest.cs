using System.Text.Json;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Operations.Money;

/// <summary>Sessions as the Tariffs service takes them: by when their energy flowed.</summary>
internal static class SessionRequest
{
    private const int MostParts = 1_000;

    /// <summary>Floats of a charging station's log have more digits than are ever metered.</summary>
    private const int Decimals = 9;

    /// <summary>In less time energy is at no time that could be told from another.</summary>
    private static readonly Duration Shortest = Duration.FromSeconds(1);

    /// <summary>What sessions take of a request.</summary>
    public static long MeasureBytes(IEnumerable<ChargingSession> sessions)
    {
        using var json = new Utf8JsonWriter(Stream.Null);
        json.WriteStartObject();
        Write(json, sessions);
        json.WriteEndObject();
        json.Flush();
        return json.BytesCommitted;
    }

    /// <summary>The member <c>sessions</c>.</summary>
    public static void Write(Utf8JsonWriter json, IEnumerable<ChargingSession> sessions)
    {
        json.WriteStartObject("sessions");
        json.WriteStartArray("rows");
        foreach (var session in sessions)
        {
            json.WriteStartObject();
            json.WriteString("id", session.Id);
            WriteEnergy(json, session);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>By its parts, unless there is one only, or one that is too short to be told.</summary>
    private static void WriteEnergy(Utf8JsonWriter json, ChargingSession session)
    {
        if (session.Parts.Count is 1 or > MostParts || session.Parts.Any(p => p.Until - p.From < Shortest))
        {
            WritePart(json, new SessionPart(session.Start, session.End, session.Kwh));
            return;
        }

        json.WriteStartArray("parts");
        foreach (var part in session.Parts)
        {
            json.WriteStartObject();
            WritePart(json, part);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WritePart(Utf8JsonWriter json, SessionPart part)
    {
        json.WriteString("start", TimeText.Format(part.From));
        json.WriteString("end", TimeText.Format(part.Until));
        json.WriteNumber("kWh", decimal.Round(part.Kwh, Decimals));
    }
}
