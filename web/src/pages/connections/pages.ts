// The pages about connections, which come as one part: they share most of their code.
export { ConnectionPage } from './ConnectionPage';
export { ConnectionsPage } from './ConnectionsPage';
export { EditConnectionPage } from './EditConnectionPage';
export { NewConnectionPage } from './NewConnectionPage';
export { SystemsPage } from './systems/SystemsPage';
