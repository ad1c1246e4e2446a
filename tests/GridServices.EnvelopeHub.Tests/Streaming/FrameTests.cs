using System.Text;
using GridServices.EnvelopeHub.Streaming;

namespace GridServices.EnvelopeHub.Tests.Streaming;

public sealed class FrameTests
{
    [Fact]
    public void An_event_that_moves_the_cursor_carries_it_as_its_id() =>
        Assert.Equal("id: e1.7\nevent: envelope\ndata: {}\n\n", Text(Frame.WithId("envelope", "e1", 7, "{}"u8)));

    [Fact]
    public void An_event_that_leaves_the_cursor_carries_no_id() =>
        Assert.Equal("event: heartbeat\ndata: {\"a\":\"ü\"}\n\n", Text(Frame.WithoutId("heartbeat", 7, "{\"a\":\"ü\"}"u8)));

    [Fact]
    public void A_cursor_alone_dispatches_nothing() => Assert.Equal("id: e1.7\n\n", Text(Frame.CursorOnly("e1", 7)));

    [Fact]
    public void Data_of_several_lines_is_refused_because_it_would_break_the_frame() =>
        Assert.Throws<ArgumentException>(() => Frame.WithId("envelope", "e1", 7, "{\n}"u8));

    private static string Text(Frame frame) => Encoding.UTF8.GetString(frame.Bytes.Span);
}
