using System.Runtime.InteropServices;
using NodaTime;

namespace GridServices.Tariffs.Bills;

/// <summary>A finished month of which a charge's kVA are known in part: its true peak may be higher than the one that is held.</summary>
/// <param name="Charge">Whose.</param>
/// <param name="Month">Which.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct PartMonth(string Charge, YearMonth Month);
