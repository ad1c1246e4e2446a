using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace GridServices.FrequencyResponse.Instructions;

/// <summary>The power of one accepted instruction as a function of time. Without memory: whoever looks late, or again after a restart, finds the right point of its ramp.</summary>
/// <remarks>
/// <code>
/// 0 until StartUnix; from AnchorW at AnchorUnix by the ramp to TargetW; from EndUnix by the ramp to 0
/// </code>
/// Instants are nanoseconds since 1970 UTC. <c>default</c> asks for nothing.
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct InstructedOrder
{
    /// <summary>Begin of the delivery, inclusive.</summary>
    public long StartUnix { get; init; }

    /// <summary>From here it goes to the target: the start, or the moment at which a running one was changed.</summary>
    public long AnchorUnix { get; init; }

    /// <summary>Begin of the ramp down.</summary>
    public long EndUnix { get; init; }

    /// <summary>Power at the anchor, W, + = raise the frequency.</summary>
    public double AnchorW { get; init; }

    public double TargetW { get; init; }

    /// <summary>Fastest change, W/s.</summary>
    public double RampWPerS { get; init; }

    /// <summary>Power asked for at an instant, W, + = raise the frequency. In watts, so that it says the same when the contracted quantity is changed.</summary>
    public double WattsAt(long unix)
    {
        if (unix < StartUnix || EndUnix <= StartUnix)
        {
            return 0;
        }

        var held = Towards(AnchorW, TargetW, Nanos.Since(Math.Min(unix, EndUnix), AnchorUnix));
        return unix <= EndUnix ? held : Towards(held, 0, Nanos.Since(unix, EndUnix));
    }

    /// <summary>When the power is 0 again.</summary>
    [JsonIgnore]
    public long FinishUnix
    {
        get
        {
            var left = EndUnix <= StartUnix ? 0 : Math.Abs(WattsAt(EndUnix));
            return left == 0 ? EndUnix : EndUnix + (long)Math.Min(Math.Ceiling(left / RampWPerS * 1e9), Nanos.Never);
        }
    }

    private double Towards(double from, double to, long nanos)
    {
        var most = RampWPerS * Nanos.Seconds(nanos);
        return from + Math.Clamp(to - from, -most, most);
    }
}

/// <summary>For each contract of a pool the instruction that runs, or comes next.</summary>
[InlineArray(MaxServices)]
public struct InstructedOrders : IEquatable<InstructedOrders>
{
    /// <summary>As many as a pool has contracts.</summary>
    public const int MaxServices = 8;

    private InstructedOrder _first;

    public readonly bool Equals(InstructedOrders other)
    {
        for (var i = 0; i < MaxServices; i++)
        {
            if (this[i] != other[i])
            {
                return false;
            }
        }

        return true;
    }

    public override readonly bool Equals(object? obj) => obj is InstructedOrders other && Equals(other);

    public override readonly int GetHashCode()
    {
        var hash = default(HashCode);
        for (var i = 0; i < MaxServices; i++)
        {
            hash.Add(this[i]);
        }

        return hash.ToHashCode();
    }

    public static bool operator ==(InstructedOrders left, InstructedOrders right) => left.Equals(right);

    public static bool operator !=(InstructedOrders left, InstructedOrders right) => !left.Equals(right);
}
