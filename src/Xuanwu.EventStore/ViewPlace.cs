namespace Xuanwu.EventStore;

/// <summary>Which event a view shows last: its version in the stream and, where it is known, its place in the
/// journal.</summary>
public readonly record struct ViewPlace(long Version, long? Sequence = null);

/// <summary>A view that is told its place when it is read. Not part of what is stored.</summary>
public interface IPlaced
{
    ViewPlace Place { get; set; }
}
