namespace GridServices.FrequencyResponse.Allocation;

/// <summary>The assets that take any power: each its share by headroom, and the sum exact to the watt.</summary>
internal sealed class Vernier
{
    // A share as a fixed-point number: pools up to 2^31 W keep products inside 63 bits.
    private const int Bits = 31;

    private readonly int[] _asset;
    private readonly int[] _base;
    private readonly int[] _room;
    private readonly int _sign;

    /// <param name="asset">Places of the set-points.</param>
    /// <param name="baseW">Power without a response.</param>
    /// <param name="room">How far each can go in the direction, W ≥ 0.</param>
    /// <param name="sign">+1: injects more; -1: less.</param>
    internal Vernier(int[] asset, int[] baseW, int[] room, int sign)
    {
        (_asset, _base, _room, _sign) = (asset, baseW, room, sign);
        RoomW = room.Sum(r => (long)r);
    }

    /// <summary>Of all together, W ≥ 0.</summary>
    internal long RoomW { get; }

    internal void Fill(long watts, Span<int> setpoints)
    {
        // Ranges were checked when the plan was built: nothing here can overflow.
        unchecked
        {
            var share = RoomW == 0 ? 0 : (watts << Bits) / RoomW;
            var (room, given) = (0L, 0L);
            for (var i = 0; i < _asset.Length; i++)
            {
                room += _room[i];
                var upTo = (room * share) >> Bits;
                setpoints[_asset[i]] = _base[i] + (_sign * (int)(upTo - given));
                given = upTo;
            }

            Rest(watts - given, setpoints);
        }
    }

    /// <summary>A watt or two lost to rounding goes to the first asset that has room for it.</summary>
    private void Rest(long watts, Span<int> setpoints)
    {
        for (var i = 0; i < _asset.Length && watts > 0; i++)
        {
            ref var setpoint = ref setpoints[_asset[i]];
            var more = (int)Math.Min(watts, _room[i] - (_sign * (setpoint - _base[i])));
            setpoint += _sign * more;
            watts -= more;
        }
    }
}
