// The code editor, the maps and their languages are no part of a picture: they stay out, and the build takes a third of the time.
const heavy = {
  name: 'heavy',
  enforce: 'pre',
  resolveId(id) {
    return /\/(ReactMonacoEditor|OpenLayersProvider)(\.mjs)?$/.test(id)
      ? { id: 'data:text/javascript,export default null', external: true }
      : null;
  },
};
export default {
  plugins: [heavy],
  esbuild: { jsx: 'automatic' },
  define: { 'process.env.NODE_ENV': '"production"' },
  build: { target: 'es2022', reportCompressedSize: false, chunkSizeWarningLimit: 20000 },
};
