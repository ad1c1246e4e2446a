namespace GridServices.Operations.Service.Frequency;

/// <summary>Something that a person should look at; the code is the alarm's name in docs/operations.md where it has one.</summary>
internal sealed record FrequencyAlarm(string Code, string? Detail)
{
    private const decimal SilentAfterSeconds = 5;

    /// <param name="state">Null: it is not known.</param>
    /// <param name="shortage">What the plan says will be missing; null = nothing, or not known.</param>
    /// <param name="refusal">Why the contract is not driven; null = it is.</param>
    internal static IReadOnlyList<FrequencyAlarm> FindAll(FrequencyState? state, string? shortage, string? refusal) =>
    [
        .. refusal is null ? [] : new[] { new FrequencyAlarm("frequencyRefused", refusal) },
        .. (state?.Sources ?? []).Where(s => s.Problem is not null || !(s.AgeSeconds <= SilentAfterSeconds)).Select(s => new FrequencyAlarm("frequencySilent", $"{s.SourceId}{(s.Problem is null ? string.Empty : $": {s.Problem}")}")),
        .. (state?.Faults ?? []).Select(f => new FrequencyAlarm("frequencyFault", f)),
        .. state?.Pool is { Unrecorded: > 0 } pool ? [new FrequencyAlarm("frequencyNotRecorded", pool.Unrecorded.ToString(System.Globalization.CultureInfo.InvariantCulture))] : Array.Empty<FrequencyAlarm>(),
        .. (state?.Pool?.Shortcomings ?? []).Select(s => new FrequencyAlarm("frequencyShortcoming", s)),
        .. state?.Mqtt is { Connected: false } broker ? [new FrequencyAlarm("frequencySignalLost", broker.Problem)] : Array.Empty<FrequencyAlarm>(),
        .. state?.Reservoir?.Problem is { } store ? [new FrequencyAlarm("frequencyReservoir", store)] : Array.Empty<FrequencyAlarm>(),
        .. shortage is null ? [] : new[] { new FrequencyAlarm("frequencyShortage", shortage) },
    ];
}
