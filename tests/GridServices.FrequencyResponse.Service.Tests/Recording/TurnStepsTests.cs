using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Recording;

namespace GridServices.FrequencyResponse.Service.Tests.Recording;

public sealed class TurnStepsTests
{
    [Fact]
    public void What_fails_takes_nothing_after_it_along()
    {
        var (written, lost) = (0, new List<string>());
        TurnStep fails = (PoolRecorder _, in HotRecord _) => throw new InvalidOperationException("unread");
        TurnStep evidence = (PoolRecorder _, in HotRecord _) => written++;
        TurnSteps.Run([fails, evidence, fails, evidence], null!, default, (_, fault) => lost.Add(fault.Message));
        Assert.Equal(2, written);
        Assert.Equal(["unread", "unread"], lost);
    }
}
