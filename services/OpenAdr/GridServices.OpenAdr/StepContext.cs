using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Session;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr;

/// <summary>One step in the making: the state so far, the notes so far, the time and the random numbers.</summary>
internal sealed class StepContext(VenConfig config, VenState state, Instant now, SeededRandom random)
    : StepContext<VenConfig, VenState, NoteKind>(config, state, now)
{
    public SeededRandom Random { get; } = random;

    /// <summary>Why the reply to this poll tells nothing of whether there are events; null: it does.</summary>
    public string? PollProblem { get; set; }

    /// <summary>True: the VTN's message was pushed, and its sender waits for the answer.</summary>
    public bool IsPushed { get; set; }

    /// <summary>The answer to a pushed message; null: none was given.</summary>
    public PendingRequest? Answered { get; private set; }

    /// <summary>Answers the VTN's message: one that a poll found in a request of its own (OpenADR 2.0b rule 500), a pushed one in the response to it.</summary>
    public void Answer(PendingRequest item)
    {
        if (IsPushed)
        {
            Answered = item;
        }
        else
        {
            Enqueue(item);
        }
    }

    /// <summary>Something to say to the VTN, after all that is owed already.</summary>
    public void Enqueue(PendingRequest item) => Delivery.Enqueue(this, item);

    /// <summary>The reply to <paramref name="item"/> was applied, or it is given up.</summary>
    public void Complete(PendingRequest item)
    {
        var index = IndexOf(item);
        if (index >= 0)
        {
            State = State with { Owed = State.Owed.Where((_, i) => i != index).ToValueList() };
        }
    }

    /// <summary>Puts <paramref name="other"/> where <paramref name="item"/> stands; false when it stands nowhere.</summary>
    public bool Replace(PendingRequest item, PendingRequest other)
    {
        var index = IndexOf(item);
        if (index >= 0)
        {
            State = State with { Owed = State.Owed.Select((o, i) => i == index ? other : o).ToValueList() };
        }

        return index >= 0;
    }

    /// <summary>True where the item stands in the state, as it is.</summary>
    public bool IsPending(PendingRequest item) => IndexOf(item) >= 0;

    private int IndexOf(PendingRequest item)
    {
        for (var i = 0; i < State.Owed.Count; i++)
        {
            if (State.Owed[i].Equals(item))
            {
                return i;
            }
        }

        return -1;
    }
}
