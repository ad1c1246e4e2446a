namespace GridServices.FrequencyResponse.Frames;

/// <summary>Where SunSpec models keep frequency and voltage. Offsets count from the model's id register.</summary>
/// <param name="Frequency">The frequency.</param>
/// <param name="Voltage">Phase voltage to neutral, where the model has one: without it a collapsed grid still shows a frequency.</param>
public sealed record SunSpecFrequency(RegisterMap Frequency, RegisterMap? Voltage)
{
    /// <summary>Where a device may begin: "SunS" stands there.</summary>
    public static IReadOnlyList<ushort> BaseAddresses { get; } = [40000, 50000, 0];

    /// <summary>The registers of "SunS".</summary>
    public const uint Marker = 0x53756E53;

    /// <summary>Id of the model that ends the list.</summary>
    public const ushort EndModel = 0xFFFF;

    /// <summary>The maps of a model that begins at an address; null for a model without a frequency.</summary>
    public static SunSpecFrequency? Find(ushort model, ushort address) => model switch
    {
        101 or 102 or 103 => Scaled(address, RegisterKind.UInt16, hertz: 16, factor: 17, volts: 10, RegisterKind.UInt16, voltsFactor: 13),
        111 or 112 or 113 => Floating(address, hertz: 24, volts: 16),
        201 or 202 or 203 or 204 => Scaled(address, RegisterKind.Int16, hertz: 16, factor: 17, volts: 8, RegisterKind.Int16, voltsFactor: 15),
        211 or 212 or 213 or 214 => Floating(address, hertz: 26, volts: 12),
        701 => Scaled(address, RegisterKind.UInt32, hertz: 17, factor: 115, volts: 16, RegisterKind.Int16, voltsFactor: 114),
        _ => null,
    };

    private static SunSpecFrequency? Scaled(ushort at, RegisterKind kind, ushort hertz, ushort factor, ushort volts, RegisterKind voltsKind, ushort voltsFactor) =>
        at > ushort.MaxValue - 160 ? null : new(
            new RegisterMap { Address = (ushort)(at + hertz), Kind = kind, ScaleFactorAddress = (ushort)(at + factor), SunSpecAbsent = true },
            new RegisterMap { Address = (ushort)(at + volts), Kind = voltsKind, ScaleFactorAddress = (ushort)(at + voltsFactor), SunSpecAbsent = true });

    private static SunSpecFrequency? Floating(ushort at, ushort hertz, ushort volts) =>
        at > ushort.MaxValue - 160 ? null : new(
            new RegisterMap { Address = (ushort)(at + hertz), Kind = RegisterKind.Float32, SunSpecAbsent = true },
            new RegisterMap { Address = (ushort)(at + volts), Kind = RegisterKind.Float32, SunSpecAbsent = true });
}
