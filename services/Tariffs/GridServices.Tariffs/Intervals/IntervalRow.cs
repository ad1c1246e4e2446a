using System.Runtime.InteropServices;
using NodaTime;

namespace GridServices.Tariffs.Intervals;

/// <summary>One reading as it stands in a file.</summary>
/// <param name="Line">1-based line (or element) of the source.</param>
/// <param name="Stamp">The time stamp, whether start or end.</param>
/// <param name="Value">In the unit of the file brought to kW or kWh.</param>
/// <param name="Estimated">The sender marks it as estimated.</param>
/// <param name="Missing">The sender says that there is no reading; the value means nothing.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct IntervalRow(int Line, Instant Stamp, decimal Value, bool Estimated = false, bool Missing = false);

/// <summary>Reading stops here: the file cannot be used.</summary>
public sealed class IntervalRefusedException : Exception
{
    public IntervalRefusedException()
        : this(new Wire.ReadError(Contracts.ErrorClass.Malformed, "/", "unreadable"))
    {
    }

    public IntervalRefusedException(string message)
        : this(new Wire.ReadError(Contracts.ErrorClass.Malformed, "/", message))
    {
    }

    public IntervalRefusedException(string message, Exception inner)
        : base(message, inner) => Refusal = new Wire.ReadError(Contracts.ErrorClass.Malformed, "/", message);

    public IntervalRefusedException(Wire.ReadError refusal)
        : base(refusal.ToString()) => Refusal = refusal;

    public Wire.ReadError Refusal { get; }
}
