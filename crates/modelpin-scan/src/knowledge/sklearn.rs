//! Classes of scikit-learn that skops builds without being asked to: its estimators and what they are made of.
//!
//! These are `SKLEARN_ESTIMATOR_TYPE_NAMES` and `SKLEARN_INTERNAL_TYPE_NAMES` of `skops/io/_trusted_types.py` (skops
//! 0.16, scikit-learn 1.9), and the losses that `skops/io/_sklearn.py` lists as `ALLOWED_LOSSES`. An object of them is
//! made without calling `__init__`, and gets attributes that are nodes themselves; its module is part of scikit-learn.
//! `Tree` and `TreePredictor` are not among them: their arrays hold places that are read unchecked.

/// A module below `sklearn`, and classes in it, on each line.
const CLASSES: &str = "
    _loss.link HalfLogitLink IdentityLink Interval LogLink LogitLink MultinomialLogit
    _loss.loss AbsoluteError ExponentialLoss HalfBinomialLoss HalfGammaLoss HalfMultinomialLoss HalfPoissonLoss
    _loss.loss HalfSquaredError HuberLoss PinballLoss
    calibration CalibratedClassifierCV
    cluster._affinity_propagation AffinityPropagation
    cluster._agglomerative AgglomerativeClustering FeatureAgglomeration
    cluster._bicluster SpectralBiclustering SpectralCoclustering
    cluster._birch Birch
    cluster._bisect_k_means BisectingKMeans
    cluster._dbscan DBSCAN
    cluster._hdbscan.hdbscan HDBSCAN
    cluster._kmeans KMeans MiniBatchKMeans
    cluster._mean_shift MeanShift
    cluster._optics OPTICS
    cluster._spectral SpectralClustering
    compose._column_transformer ColumnTransformer
    compose._target TransformedTargetRegressor
    covariance._elliptic_envelope EllipticEnvelope
    covariance._empirical_covariance EmpiricalCovariance
    covariance._graph_lasso GraphicalLasso GraphicalLassoCV
    covariance._robust_covariance MinCovDet
    covariance._shrunk_covariance LedoitWolf OAS ShrunkCovariance
    cross_decomposition._pls CCA PLSCanonical PLSRegression PLSSVD
    decomposition._dict_learning DictionaryLearning MiniBatchDictionaryLearning SparseCoder
    decomposition._factor_analysis FactorAnalysis
    decomposition._fastica FastICA
    decomposition._incremental_pca IncrementalPCA
    decomposition._kernel_pca KernelPCA
    decomposition._lda LatentDirichletAllocation
    decomposition._nmf MiniBatchNMF NMF
    decomposition._pca PCA
    decomposition._sparse_pca MiniBatchSparsePCA SparsePCA
    decomposition._truncated_svd TruncatedSVD
    discriminant_analysis LinearDiscriminantAnalysis QuadraticDiscriminantAnalysis
    dummy DummyClassifier DummyRegressor
    ensemble._bagging BaggingClassifier BaggingRegressor
    ensemble._forest ExtraTreesClassifier ExtraTreesRegressor RandomForestClassifier RandomForestRegressor
    ensemble._forest RandomTreesEmbedding
    ensemble._gb GradientBoostingClassifier GradientBoostingRegressor
    ensemble._hist_gradient_boosting.binning _BinMapper
    ensemble._hist_gradient_boosting.gradient_boosting HistGradientBoostingClassifier HistGradientBoostingRegressor
    ensemble._iforest IsolationForest
    ensemble._stacking StackingClassifier StackingRegressor
    ensemble._voting VotingClassifier VotingRegressor
    ensemble._weight_boosting AdaBoostClassifier AdaBoostRegressor
    feature_extraction._dict_vectorizer DictVectorizer
    feature_extraction._hash FeatureHasher
    feature_extraction.image PatchExtractor
    feature_extraction.text CountVectorizer HashingVectorizer TfidfTransformer TfidfVectorizer
    feature_selection._from_model SelectFromModel
    feature_selection._rfe RFE RFECV
    feature_selection._sequential SequentialFeatureSelector
    feature_selection._univariate_selection GenericUnivariateSelect SelectFdr SelectFpr SelectFwe SelectKBest
    feature_selection._univariate_selection SelectPercentile
    feature_selection._variance_threshold VarianceThreshold
    frozen._frozen FrozenEstimator
    gaussian_process._gpc GaussianProcessClassifier
    gaussian_process._gpr GaussianProcessRegressor
    impute._base MissingIndicator SimpleImputer
    impute._knn KNNImputer
    isotonic IsotonicRegression
    kernel_approximation AdditiveChi2Sampler Nystroem PolynomialCountSketch RBFSampler SkewedChi2Sampler
    kernel_ridge KernelRidge
    linear_model._base LinearRegression
    linear_model._bayes ARDRegression BayesianRidge
    linear_model._coordinate_descent ElasticNet ElasticNetCV Lasso LassoCV MultiTaskElasticNet MultiTaskElasticNetCV
    linear_model._coordinate_descent MultiTaskLasso MultiTaskLassoCV
    linear_model._glm.glm GammaRegressor PoissonRegressor TweedieRegressor
    linear_model._huber HuberRegressor
    linear_model._least_angle Lars LarsCV LassoLars LassoLarsCV LassoLarsIC
    linear_model._logistic LogisticRegression LogisticRegressionCV
    linear_model._omp OrthogonalMatchingPursuit OrthogonalMatchingPursuitCV
    linear_model._passive_aggressive PassiveAggressiveClassifier PassiveAggressiveRegressor
    linear_model._perceptron Perceptron
    linear_model._quantile QuantileRegressor
    linear_model._ransac RANSACRegressor
    linear_model._ridge Ridge RidgeCV RidgeClassifier RidgeClassifierCV
    linear_model._stochastic_gradient SGDClassifier SGDOneClassSVM SGDRegressor
    linear_model._theil_sen TheilSenRegressor
    manifold._classical_mds ClassicalMDS
    manifold._isomap Isomap
    manifold._locally_linear LocallyLinearEmbedding
    manifold._mds MDS
    manifold._spectral_embedding SpectralEmbedding
    manifold._t_sne TSNE
    mixture._bayesian_mixture BayesianGaussianMixture
    mixture._gaussian_mixture GaussianMixture
    model_selection._classification_threshold FixedThresholdClassifier TunedThresholdClassifierCV
    model_selection._search GridSearchCV RandomizedSearchCV
    multiclass OneVsOneClassifier OneVsRestClassifier OutputCodeClassifier
    multioutput ClassifierChain MultiOutputClassifier MultiOutputRegressor RegressorChain
    naive_bayes BernoulliNB CategoricalNB ComplementNB GaussianNB MultinomialNB
    neighbors._classification KNeighborsClassifier RadiusNeighborsClassifier
    neighbors._graph KNeighborsTransformer RadiusNeighborsTransformer
    neighbors._kde KernelDensity
    neighbors._lof LocalOutlierFactor
    neighbors._nca NeighborhoodComponentsAnalysis
    neighbors._nearest_centroid NearestCentroid
    neighbors._regression KNeighborsRegressor RadiusNeighborsRegressor
    neighbors._unsupervised NearestNeighbors
    neural_network._multilayer_perceptron MLPClassifier MLPRegressor
    neural_network._rbm BernoulliRBM
    pipeline FeatureUnion Pipeline
    preprocessing._data Binarizer KernelCenterer MaxAbsScaler MinMaxScaler Normalizer PowerTransformer
    preprocessing._data QuantileTransformer RobustScaler StandardScaler
    preprocessing._discretization KBinsDiscretizer
    preprocessing._encoders OneHotEncoder OrdinalEncoder
    preprocessing._function_transformer FunctionTransformer
    preprocessing._label LabelBinarizer LabelEncoder MultiLabelBinarizer
    preprocessing._polynomial PolynomialFeatures SplineTransformer
    preprocessing._target_encoder TargetEncoder
    random_projection GaussianRandomProjection SparseRandomProjection
    semi_supervised._label_propagation LabelPropagation LabelSpreading
    semi_supervised._self_training SelfTrainingClassifier
    svm._classes LinearSVC LinearSVR NuSVC NuSVR OneClassSVM SVC SVR
    tree._classes DecisionTreeClassifier DecisionTreeRegressor ExtraTreeClassifier ExtraTreeRegressor
";

/// The same of functions of loss.
const LOSSES: &str = "
    _loss._loss CyAbsoluteError CyExponentialLoss CyHalfBinomialLoss CyHalfGammaLoss CyHalfMultinomialLoss
    _loss._loss CyHalfPoissonLoss CyHalfSquaredError CyHalfTweedieLoss CyHalfTweedieLossIdentity CyHuberLoss
    _loss._loss CyPinballLoss
    linear_model._sgd_fast EpsilonInsensitive Hinge ModifiedHuber SquaredEpsilonInsensitive SquaredHinge
    linear_model._sgd_fast Huber Log SquaredLoss
";

/// Whether skops builds an object of the class `class` of `module` by its attributes.
pub(crate) fn is_estimator(module: &str, class: &str) -> bool {
    is_listed(CLASSES, module, class)
}

/// Whether skops builds a loss of the class `class` of `module`.
pub(crate) fn is_loss(module: &str, class: &str) -> bool {
    is_listed(LOSSES, module, class)
}

fn is_listed(table: &str, module: &str, class: &str) -> bool {
    let Some(module) = module.strip_prefix("sklearn.") else { return false };
    table.lines().any(|line| {
        let mut words = line.split_ascii_whitespace();
        words.next() == Some(module) && words.any(|word| word == class)
    })
}

/// The path of every class that skops builds.
#[cfg(test)]
pub(in crate::knowledge) fn all() -> impl Iterator<Item = String> {
    CLASSES.lines().chain(LOSSES.lines()).flat_map(|line| {
        let (module, names) = line.trim().split_once(' ').unwrap_or_default();
        names.split_ascii_whitespace().map(move |name| format!("sklearn.{module}.{name}"))
    })
}

#[cfg(test)]
mod tests {
    use super::{is_estimator, is_loss};

    #[test]
    fn a_class_counts_in_its_own_module_only() {
        assert!(is_estimator("sklearn.pipeline", "Pipeline"));
        assert!(is_estimator("sklearn.linear_model._logistic", "LogisticRegression"));
        assert!(!is_estimator("sklearn.linear_model", "Pipeline"));
        assert!(!is_estimator("pipeline", "Pipeline"));
        assert!(!is_estimator("sklearn.tree._tree", "Tree"));
        assert!(!is_estimator("sklearn.pipeline", "pipeline"));
        assert!(is_loss("sklearn.linear_model._sgd_fast", "Hinge"));
        assert!(!is_loss("sklearn.pipeline", "Pipeline"));
    }
}
