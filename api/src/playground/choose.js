// A telephone has no room for GraphiQL: it goes on to the simple page before anything is drawn or loaded.
if (location.pathname === '/graphql' && matchMedia('(max-width: 48rem), (max-height: 30rem)').matches) {
  window.stop();
  location.replace('/graphql/simple');
}
