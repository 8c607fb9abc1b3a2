namespace Xuanwu.GraphQL.Types;
/// <summary>x</summary>
public static class SdlSchema { }
